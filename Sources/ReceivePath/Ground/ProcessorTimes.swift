package import KernelIO
import Knobs
package import Netlink

/// How one CPU spent its time since boot, in clock ticks (USER_HZ, 100 a second): `/proc/stat`,
/// proc_stat(5). Tick-sampled where the kernel lacks IRQ_TIME_ACCOUNTING.
package struct ProcessorTimes: Codable, Hashable, Sendable {
  package var user: UInt64 = 0
  package var system: UInt64 = 0
  package var idle: UInt64 = 0
  package var irq: UInt64 = 0
  package var softirq: UInt64 = 0
  package var steal: UInt64 = 0

  package init() {}

  package var total: UInt64 { user &+ system &+ idle &+ irq &+ softirq &+ steal }
  /// nil where no tick came.
  package var idleShare: Double? { total > 0 ? Double(idle) / Double(total) : nil }

  package static func - (later: Self, earlier: Self) -> Self {
    // idle can step back on some kernels (proc_stat(5)); a difference is never below 0.
    func difference(_ field: KeyPath<Self, UInt64>) -> UInt64 {
      let (value, overflow) = later[keyPath: field].subtractingReportingOverflow(
        earlier[keyPath: field])
      return overflow ? 0 : value
    }
    var times = Self()
    times.user = difference(\.user)
    times.system = difference(\.system)
    times.idle = difference(\.idle)
    times.irq = difference(\.irq)
    times.softirq = difference(\.softirq)
    times.steal = difference(\.steal)
    return times
  }

  package static func + (left: Self, right: Self) -> Self {
    var sum = left
    sum.user &+= right.user
    sum.system &+= right.system
    sum.idle &+= right.idle
    sum.irq &+= right.irq
    sum.softirq &+= right.softirq
    sum.steal &+= right.steal
    return sum
  }
}

// MARK: - Decode

extension ProcessorTimes {
  /// The lines `cpuN` of /proc/stat, by CPU number; iowait counts as idle, nice as user.
  package static func all(decoding bytes: [UInt8]) throws(DecodeError) -> [Int: ProcessorTimes] {
    var reader = TextReader(bytes, "/proc/stat")
    var processors: [Int: ProcessorTimes] = [:]
    // What follows the CPUs may be long: a number for each interrupt.
    while try reader.nextLine(), let name = reader.word(), name.hasPrefix("cpu") {
      if name.count == 3 { continue }
      guard let cpu = name.dropFirst(3).decimal, cpu < CPUSet.limit else {
        throw reader.error("\"\(name.text)\" where a CPU is due")
      }
      processors[cpu] = try ProcessorTimes(&reader)
    }
    guard !processors.isEmpty else { throw reader.error("no CPU") }
    return processors
  }

  /// user nice system idle iowait irq softirq steal, and guest times that user holds already.
  private init(_ reader: inout TextReader) throws(DecodeError) {
    user = try reader.required("user")
    user &+= try reader.required("nice")
    system = try reader.required("system")
    idle = try reader.required("idle")
    idle &+= try reader.required("iowait")
    irq = try reader.required("irq")
    softirq = try reader.required("softirq")
    steal = try reader.required("steal")
  }
}

// MARK: - Read

extension Host {
  /// By CPU, those that are online.
  package func processorTimes() throws(KernelError) -> [Int: ProcessorTimes] {
    let path = KernelPath.proc("stat")
    let bytes = try kernel.read(path)
    return try decoding(path.description) { () throws(DecodeError) in
      try ProcessorTimes.all(decoding: bytes)
    }
  }
}
