/// The RSS indirection table as text.
///
/// "equal 4" where entry i leads to queue i modulo 4; otherwise the queue of each entry in order,
/// "3*64" for 64 of them in a row: "0*64,1*64".
package enum IndirectionTable {
  package static func text(_ table: [UInt32]) -> String {
    if let queues = equalSpread(table) { return "equal \(queues)" }
    var runs: [(queue: UInt32, count: Int)] = []
    for queue in table {
      if let last = runs.last, last.queue == queue {
        runs[runs.count - 1].count += 1
      } else {
        runs.append((queue, 1))
      }
    }
    return runs.map { $0.count == 1 ? "\($0.queue)" : "\($0.queue)*\($0.count)" }
      .joined(separator: ",")
  }

  /// The entries that `text` stands for in a table of `size`; none for "default", which gives the
  /// table back to the driver; nil where it stands for no table of that size.
  package static func entries(_ text: String, size: Int) -> [UInt32]? {
    if text == "default" { return [] }
    if text.hasPrefix("equal ") {
      guard let queues = UInt32(text.dropFirst(6)), queues > 0 else { return nil }
      return (0..<size).map { UInt32(clamping: $0) % queues }
    }
    var entries: [UInt32] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let words = part.split(separator: "*", omittingEmptySubsequences: false)
      guard (1...2).contains(words.count), let queue = UInt32(words[0]),
        let count = words.count == 2 ? Int(words[1]) : 1, count > 0,
        count <= size - entries.count
      else { return nil }
      entries += [UInt32](repeating: queue, count: count)
    }
    return entries.count == size ? entries : nil
  }

  /// A table in which queue i has its weight's share, as ethtool -X weight lays it out; nil where
  /// there is no table or no weight.
  package static func weighted(_ weights: [Int], size: Int) -> [UInt32]? {
    let sum = weights.reduce(0) { $0 &+ min(max($1, 0), 1 << 20) }
    guard size > 0, sum > 0, weights.allSatisfy({ (0...1 << 20).contains($0) }) else { return nil }
    var table: [UInt32] = []
    var reached = 0
    for (queue, weight) in weights.enumerated() {
      reached += weight
      let end = size * reached / sum
      table += [UInt32](repeating: UInt32(clamping: queue), count: max(0, end - table.count))
    }
    return table
  }

  private static func equalSpread(_ table: [UInt32]) -> UInt32? {
    guard let highest = table.max(), highest < .max else { return nil }
    let queues = highest + 1
    return table.indices.allSatisfy { table[$0] == UInt32(clamping: $0) % queues } ? queues : nil
  }
}
