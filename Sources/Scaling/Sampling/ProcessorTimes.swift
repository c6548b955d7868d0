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

  /// The lines `cpuN`, by CPU number; iowait counts as idle, nice as user.
  package static func parse(_ text: String) -> [Int: ProcessorTimes] {
    var processors: [Int: ProcessorTimes] = [:]
    for line in text.split(separator: "\n") where line.hasPrefix("cpu") {
      let fields = line.split(separator: " ")
      guard let cpu = fields.first.flatMap({ Int($0.dropFirst(3)) }) else { continue }
      let numbers = fields.dropFirst().map { UInt64($0) ?? 0 }
      // user nice system idle iowait irq softirq steal
      guard numbers.count >= 8 else { continue }
      var times = ProcessorTimes()
      times.user = numbers[0] &+ numbers[1]
      times.system = numbers[2]
      times.idle = numbers[3] &+ numbers[4]
      times.irq = numbers[5]
      times.softirq = numbers[6]
      times.steal = numbers[7]
      processors[cpu] = times
    }
    return processors
  }
}
