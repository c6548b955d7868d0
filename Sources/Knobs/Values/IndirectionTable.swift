/// An RSS indirection table as a value: what each entry leads to, or that the driver lays it out.
///
/// Its size is the device's: "equal 4" fits any.
package enum IndirectionTable: Hashable, Sendable {
  /// The driver's own, which follows the number of queues: "default".
  case driver
  /// The driver's own, where that lies in rows: "default in rows". Only a record has it: given
  /// back, such a table may come again as each queue in turn, for the reset form has it so.
  case driverInRows
  /// Entry i leads to queue `first` + i modulo `queues`: "equal 4", "equal 4 from 8".
  case equal(queues: UInt32, first: UInt32)
  /// The queue of each entry in order: "0*64,1*64".
  case rows([Row])

  /// Entries in a row that lead to one queue. No two neighbours in a table have the same.
  package struct Row: Hashable, Sendable {
    package var queue: UInt32
    package var count: Int
  }

  /// Above any device's table: a guard against a hostile count.
  package static let limit = 1 << 20

  package static func equal(_ queues: Int, from first: Int = 0) -> IndirectionTable {
    .equal(queues: UInt32(clamping: queues), first: UInt32(clamping: first))
  }

  /// - Parameter entries: the queue of each; nil where there is none.
  package init?(entries: [UInt32]) {
    guard let highest = entries.max(), let first = entries.min() else { return nil }
    // One queue for all is said shorter by its number.
    if highest < .max, first == 0 || highest > first {
      let queues = highest - first + 1
      if entries.indices.allSatisfy({ entries[$0] == first + UInt32(clamping: $0) % queues }) {
        self = .equal(queues: queues, first: first)
        return
      }
    }
    var rows: [Row] = []
    for queue in entries { Self.add(Row(queue: queue, count: 1), to: &rows) }
    self = .rows(rows)
  }

  /// A table in which queue i has its weight's share, as ethtool -X weight lays it out; nil where
  /// there is no table or no weight.
  package init?(weights: [Int], size: Int) {
    let sum = weights.reduce(0) { $0 &+ min(max($1, 0), 1 << 20) }
    guard size > 0, sum > 0, weights.allSatisfy({ (0...1 << 20).contains($0) }) else { return nil }
    var entries: [UInt32] = []
    var reached = 0
    for (queue, weight) in weights.enumerated() {
      reached += weight
      let end = size * reached / sum
      entries += [UInt32](repeating: UInt32(clamping: queue), count: max(0, end - entries.count))
    }
    self.init(entries: entries)
  }

  private static func add(_ row: Row, to rows: inout [Row]) {
    if let last = rows.last, last.queue == row.queue {
      rows[rows.count - 1].count += row.count
    } else {
      rows.append(row)
    }
  }

  /// The entries in a table of `size`: none where it is the driver's; nil where it has another size.
  package func entries(size: Int) -> [UInt32]? {
    switch self {
    case .driver, .driverInRows: return []
    case .equal(let queues, let first):
      guard queues > 0 else { return nil }
      return (0..<max(0, size)).map { first &+ UInt32(clamping: $0) % queues }
    case .rows(let rows):
      guard rows.reduce(0, { $0 + $1.count }) == size else { return nil }
      return rows.flatMap { [UInt32](repeating: $0.queue, count: $0.count) }
    }
  }

  /// The highest queue that it leads to; nil where it is the driver's own.
  package var highestQueue: UInt32? {
    switch self {
    case .driver, .driverInRows: nil
    case .equal(let queues, let first):
      queues > 0 ? UInt32(clamping: UInt64(first) + UInt64(queues) - 1) : nil
    case .rows(let rows): rows.map(\.queue).max()
    }
  }

  /// Whether each queue comes in turn.
  package var isEqual: Bool { if case .equal = self { true } else { false } }

  /// Whether it gives the table back to the driver.
  package var isDriver: Bool { self == .driver || self == .driverInRows }

  /// Whether drivers lay out such a table by themselves: each queue in turn
  /// (ethtool_rxfh_indir_default of linux/ethtool.h), or all entries of a queue in a row.
  package func isDefault(queues: Int, driver: () -> String?) -> Bool {
    if self == .equal(queues) { return true }
    guard case .rows(let rows) = self, queues > 1 else { return false }
    let size = rows.reduce(0) { $0 + $1.count }
    guard queues <= size, let entries = entries(size: size),
      entries.indices.allSatisfy({ Int(entries[$0]) == $0 * queues / size })
    else { return false }
    return driver().map(Self.driversInRows.contains) ?? false
  }

  /// Drivers that begin with a row of entries a queue: igb_setup_mrqc of igb_main.c, and
  /// igc_setup_mrqc of igc_main.c.
  private static let driversInRows = ["igb", "igc"]
}

// MARK: - Text

extension IndirectionTable: CustomStringConvertible {
  package var description: String {
    switch self {
    case .driver: "default"
    case .driverInRows: "default in rows"
    case .equal(let queues, 0): "equal \(queues)"
    case .equal(let queues, let first): "equal \(queues) from \(first)"
    case .rows(let rows):
      rows.map { $0.count == 1 ? "\($0.queue)" : "\($0.queue)*\($0.count)" }.joined(separator: ",")
    }
  }

  /// Reads `description`, and "0,0,1" for "0*2,1"; nil where that is no table.
  package init?(_ text: some StringProtocol) {
    switch text {
    case "default": self = .driver
    case "default in rows": self = .driverInRows
    default:
      guard let table = Self.equal(String(text)) ?? Self.rows(String(text)) else { return nil }
      self = table
    }
  }

  private static func equal(_ text: String) -> IndirectionTable? {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    guard words.first == "equal", words.count == 2 || words.count == 4 && words[2] == "from",
      let queues = UInt32(words[1]), 1...UInt32(Int32.max) ~= queues,
      let first = words.count == 4 ? UInt32(words[3]) : 0, first <= UInt32(Int32.max)
    else { return nil }
    return .equal(queues: queues, first: first)
  }

  private static func rows(_ text: String) -> IndirectionTable? {
    var rows: [Row] = []
    var size = 0
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let words = part.split(separator: "*", omittingEmptySubsequences: false)
      guard (1...2).contains(words.count), let queue = UInt32(words[0]),
        let count = words.count == 2 ? Int(words[1]) : 1, 1...limit ~= count,
        size + count <= limit
      else { return nil }
      size += count
      add(Row(queue: queue, count: count), to: &rows)
    }
    return .rows(rows)
  }
}
