/// The RSS indirection table as text.
///
/// "equal 4" where entry i leads to queue i modulo 4, "equal 4 from 8" where to that and 8; otherwise the queue of each entry in order,
/// "3*64" for 64 of them in a row: "0*64,1*64".
package enum IndirectionTable {
  package static func text(_ table: [UInt32]) -> String {
    if let (queues, first) = equalSpread(table) {
      return first == 0 ? "equal \(queues)" : "equal \(queues) from \(first)"
    }
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
    if isGivenBack(text) { return [] }
    if let (queues, first) = equalSpread(text) {
      return (0..<size).map { first + UInt32(clamping: $0) % queues }
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

  /// The highest queue that a table as text leads to; nil where that is no table, or the driver's
  /// own.
  package static func highestQueue(_ text: String) -> UInt32? {
    if let (queues, first) = equalSpread(text) { return first + queues - 1 }
    var highest: UInt32?
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let words = part.split(separator: "*", omittingEmptySubsequences: false)
      guard (1...2).contains(words.count), let queue = UInt32(words[0]),
        words.count == 1 || Int(words[1]).map({ $0 > 0 }) == true
      else { return nil }
      highest = max(highest ?? 0, queue)
    }
    return highest
  }

  /// The word for a table that a driver has laid out in rows, where it goes on record. Given back, it
  /// may come again as each queue in turn: the reset form has it so.
  package static let defaultRows = "default in rows"

  /// Whether the text gives the table back to the driver.
  package static func isGivenBack(_ text: String) -> Bool {
    text == "default" || text == defaultRows
  }

  /// Whether drivers lay out such a table by themselves: each queue in turn
  /// (ethtool_rxfh_indir_default of linux/ethtool.h), or all entries of a queue in a row.
  package static func isDefault(_ text: String, queues: Int, driver: () -> String?) -> Bool {
    if text == "equal \(queues)" { return true }
    guard let table = laidOut(text), queues > 1, queues <= table.count,
      table.indices.allSatisfy({ Int(table[$0]) == $0 * queues / table.count })
    else { return false }
    return driver().map(inRows.contains) ?? false
  }

  /// Drivers that begin with a row of entries a queue: igb_setup_mrqc of igb_main.c, and
  /// igc_setup_mrqc of igc_main.c.
  private static let inRows = ["igb", "igc"]

  /// The entries of a table that is told in rows; nil where it is none.
  private static func laidOut(_ text: String) -> [UInt32]? {
    var table: [UInt32] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let words = part.split(separator: "*", omittingEmptySubsequences: false)
      guard (1...2).contains(words.count), let queue = UInt32(words[0]),
        let count = words.count == 2 ? Int(words[1]) : 1, 1...Int(RSS.limit) ~= count,
        table.count + count <= Int(RSS.limit)
      else { return nil }
      table += [UInt32](repeating: queue, count: count)
    }
    return table
  }

  private static func equalSpread(_ table: [UInt32]) -> (queues: UInt32, first: UInt32)? {
    guard let highest = table.max(), let first = table.min(), highest < .max else { return nil }
    let queues = highest - first + 1
    // One queue for all is said shorter by its number.
    guard first == 0 || queues > 1 else { return nil }
    let isEqual = table.indices.allSatisfy {
      table[$0] == first + UInt32(clamping: $0) % queues
    }
    return isEqual ? (queues, first) : nil
  }

  /// "equal 4", "equal 4 from 8".
  private static func equalSpread(_ text: String) -> (queues: UInt32, first: UInt32)? {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    guard words.first == "equal", words.count == 2 || words.count == 4 && words[2] == "from",
      let queues = UInt32(words[1]), 1...UInt32(Int32.max) ~= queues,
      let first = words.count == 4 ? UInt32(words[3]) : 0, first <= UInt32(Int32.max)
    else { return nil }
    return (queues, first)
  }
}
