package import KernelIO
import Knobs
package import Netlink

/// /proc/net/softnet_stat: what the network softirq did on each online CPU
/// (net/core/net-procfs.c). Of the whole host, whatever the network namespace.
package struct SoftnetStat: Hashable, Sendable {
  package var rows: [Row]

  /// One CPU's counters since boot: 32 bits that wrap, so differences are taken with `&-`.
  package struct Row: Codable, Hashable, Sendable {
    /// nil where the kernel does not tell (before 5.10) and CPUs are offline by a number that the
    /// lines do not explain.
    package var cpu: Int?
    /// Packets through the stack's entry, loopback and veth included; those that RPS moved count
    /// on the CPU they were moved to.
    package var processed: UInt32
    /// This CPU's backlog was full (netdev_max_backlog), or the flow limit struck. Not the NIC.
    package var dropped: UInt32
    /// Polls that ended by budget or time with work left.
    package var timeSqueeze: UInt32
    /// Interrupts by which RPS woke this CPU; not packets.
    package var receivedRPS: UInt32
    /// Packets dropped by the flow limit (since ~3.11).
    package var flowLimitCount: UInt32?
    /// Packets in both backlog queues now (since 5.10).
    package var backlogLength: UInt32?
    /// The two queues by themselves (since 6.4).
    package var inputQueueLength: UInt32?
    package var processQueueLength: UInt32?
  }

  package subscript(cpu: Int) -> Row? { rows.first { $0.cpu == cpu } }
}

extension SoftnetStat {
  fileprivate enum Column {
    static let processed = 0
    static let dropped = 1
    static let timeSqueeze = 2
    static let receivedRPS = 9
    static let flowLimitCount = 10
    static let backlogLength = 11
    static let cpu = 12
    static let inputQueueLength = 13
    static let processQueueLength = 14
  }

  /// A line a CPU, hexadecimal columns: 10, 11 (~3.11), 13 (5.10), 15 (6.4), told by their count.
  package init(decoding bytes: [UInt8]) throws(DecodeError) {
    var reader = TextReader(bytes, "/proc/net/softnet_stat")
    var width: Int?
    rows = []
    while try reader.nextLine() {
      let columns = try Self.columns(&reader)
      guard columns.count > Column.receivedRPS else {
        throw reader.error("\(columns.count) columns where at least 10 are due")
      }
      guard columns.count == width ?? columns.count else {
        throw reader.error("\(columns.count) columns, unlike the first line")
      }
      width = columns.count
      rows.append(Row(columns))
    }
    guard !rows.isEmpty else { throw reader.error("no CPU") }
  }

  private static func columns(_ reader: inout TextReader) throws(DecodeError) -> [UInt32] {
    var columns: [UInt32] = []
    while let value = try reader.number(radix: 16) {
      guard let column = UInt32(exactly: value) else { throw reader.error("beyond 32 bits") }
      columns.append(column)
    }
    guard reader.atEndOfLine() else { throw reader.error("not a hexadecimal number") }
    return columns
  }

  /// Lines are online CPUs in their order: what tells the CPU where no column does.
  ///
  /// Where the numbers differ, a CPU came or went in between: then nothing is told.
  mutating func number(byOnline online: CPUSet) {
    let cpus = online.cpus
    guard cpus.count == rows.count else { return }
    for index in rows.indices { rows[index].cpu = cpus[index] }
  }
}

extension SoftnetStat.Row {
  private typealias Column = SoftnetStat.Column

  /// - Parameter columns: at least 10.
  fileprivate init(_ columns: [UInt32]) {
    func column(_ index: Int) -> UInt32? { index < columns.count ? columns[index] : nil }
    cpu = column(Column.cpu).map(Int.init)
    processed = columns[Column.processed]
    dropped = columns[Column.dropped]
    timeSqueeze = columns[Column.timeSqueeze]
    receivedRPS = columns[Column.receivedRPS]
    flowLimitCount = column(Column.flowLimitCount)
    backlogLength = column(Column.backlogLength)
    inputQueueLength = column(Column.inputQueueLength)
    processQueueLength = column(Column.processQueueLength)
  }
}

extension Host {
  package func softnetStat() throws(KernelError) -> SoftnetStat {
    let path = KernelPath.proc("net/softnet_stat")
    let bytes = try kernel.read(path)
    var stat = try decoding(path.description) { () throws(DecodeError) in
      try SoftnetStat(decoding: bytes)
    }
    if stat.rows.contains(where: { $0.cpu == nil }) {
      stat.number(byOnline: try onlineCPUs())
    }
    return stat
  }
}
