package import KernelIO
import Knobs
package import ReceivePath

/// The host as one process sees it at one moment.
package struct HostSample: Codable, Hashable, Sendable {
  /// CLOCK_MONOTONIC nanoseconds.
  package var time: UInt64
  package var usage: ProcessUsage
  package var processors: [Int: ProcessorTimes]
  /// Those of `counterNames` that this process's network namespace has; empty where unreadable.
  package var counters: [String: UInt64]
  package var softnet: SoftnetCounts?
  /// Sockets in TIME_WAIT, of this network namespace.
  package var timeWait: Int?
  package var speed: ProcessorSpeed
  package var throttling: [CPUThrottling]

  /// What a server and its clients can lose, and how, as nstat(8) names it
  /// (networking/snmp_counter.rst).
  package static let counterNames =
    ProtocolLoss.names + [
      "TcpExtTCPReqQFullDoCookies", "TcpExtSyncookiesSent", "TcpExtTCPMigrateReqSuccess",
      "TcpExtTCPTimeouts", "TcpExtTCPSynRetrans", "TcpRetransSegs", "TcpExtTWRecycled",
      "TcpExtTCPTimeWaitOverflow", "UdpSndbufErrors", "UdpInErrors", "Udp6SndbufErrors",
      "Udp6InErrors",
    ]

  /// What taking the sample itself costs this process lies outside of what is measured: before a
  /// `start`, and after any other.
  package init(_ kernel: some Kernel, isStart: Bool = false) {
    time = MonotonicClock.now()
    usage = .current()
    func text(_ path: String) -> String? { try? kernel.text(.proc(path)) }
    let host = Host(kernel)
    processors = (try? host.processorTimes()) ?? [:]
    let all = try? host.protocolCounters()
    counters = Self.counterNames.reduce(into: [:]) { $0[$1] = all?[$1] }
    softnet = (try? host.softnetStat()).map { SoftnetCounts($0) }
    timeWait = text("net/sockstat").flatMap(Self.timeWait)
    speed = ProcessorSpeed(kernel)
    throttling = CPUThrottling.current(kernel)
    if isStart {
      time = MonotonicClock.now()
      usage = .current()
    }
  }

  /// "TCP: inuse 4 orphan 0 tw 17 alloc 5 mem 1".
  static func timeWait(_ sockstat: String) -> Int? {
    for line in sockstat.split(separator: "\n") where line.hasPrefix("TCP:") {
      let words = line.split(separator: " ")
      guard let at = words.firstIndex(of: "tw"), at + 1 < words.count else { return nil }
      return Int(words[at + 1])
    }
    return nil
  }
}

/// The host between two samples.
package struct HostUse: Codable, Hashable, Sendable {
  package var seconds: Double
  package var usage: ProcessUsage
  package var processors: [Int: ProcessorTimes]
  /// By nstat's names; before format 3 the group was left out.
  package var counters: [String: UInt64]
  package var softnet: SoftnetCounts?
  package var timeWait: Int?
  /// The change of the CPUs' mean frequency, as a share; nil without cpufreq.
  package var frequencyDrift: Double?
  /// How often a CPU throttled itself; nil where the processor does not tell.
  package var throttled: UInt64?
  /// By the quotas on this process; nil in results of before that was told.
  package var throttling: [CPUThrottling]?

  package init(from before: HostSample, to after: HostSample) {
    seconds = Double(after.time &- before.time) / 1e9
    usage = after.usage - before.usage
    processors = after.processors.reduce(into: [:]) { result, entry in
      if let earlier = before.processors[entry.key] { result[entry.key] = entry.value - earlier }
    }
    counters = after.counters.reduce(into: [:]) { result, entry in
      if let earlier = before.counters[entry.key] { result[entry.key] = entry.value &- earlier }
    }
    if let later = after.softnet, let earlier = before.softnet { softnet = later - earlier }
    timeWait = after.timeWait
    if let later = after.speed.frequency, let earlier = before.speed.frequency, earlier > 0 {
      frequencyDrift = later / earlier - 1
    }
    if let later = after.speed.throttles, let earlier = before.speed.throttles {
      throttled = later &- earlier
    }
    throttling = CPUThrottling.difference(after.throttling, before.throttling)
  }

  /// Names counters of results before format 3 as nstat(8) does.
  mutating func nameCountersAsNstat() {
    let others = [
      "RetransSegs": "TcpRetransSegs", "RcvbufErrors": "UdpRcvbufErrors",
      "SndbufErrors": "UdpSndbufErrors", "InErrors": "UdpInErrors",
    ]
    counters = counters.reduce(into: [:]) { named, counter in
      let isNamed = HostSample.counterNames.contains(counter.key)
      let name = isNamed ? counter.key : others[counter.key] ?? "TcpExt" + counter.key
      named[name] = counter.value
    }
  }

  /// Of all CPUs' time, what the hypervisor took; nil where no tick came.
  var stealShare: Double? {
    let sum = processors.values.reduce(ProcessorTimes(), +)
    return sum.total > 0 ? Double(sum.steal) / Double(sum.total) : nil
  }

  /// Of all CPUs' time, what processes other than those that used `own` seconds spent in user mode.
  func otherUserShare(own: Double) -> Double? {
    let sum = processors.values.reduce(ProcessorTimes(), +)
    // USER_HZ: a hundred ticks a second.
    return sum.total > 0 ? max(0, Double(sum.user) - own * 100) / Double(sum.total) : nil
  }
}

/// How fast CPUs run, and how often heat slowed them.
package struct ProcessorSpeed: Codable, Hashable, Sendable {
  /// Mean over the CPUs, kHz (cpufreq's scaling_cur_freq).
  package var frequency: Double?
  /// Sum over the CPUs (thermal_throttle/core_throttle_count).
  package var throttles: UInt64?

  init(_ kernel: some Kernel) {
    var frequencies: [Double] = []
    var throttles: UInt64?
    for cpu in AllowedCPUs.current(kernel).cpus {
      let directory = KernelPath.sys("devices/system/cpu/cpu\(cpu)")
      // Most virtual machines have neither; one look tells.
      if let text = try? kernel.text(directory.appending("cpufreq/scaling_cur_freq")),
        let frequency = Double(text)
      {
        frequencies.append(frequency)
      }
      if let text = try? kernel.text(directory.appending("thermal_throttle/core_throttle_count")),
        let count = UInt64(text)
      {
        throttles = (throttles ?? 0) &+ count
      }
    }
    self.throttles = throttles
    if !frequencies.isEmpty {
      frequency = frequencies.reduce(0, +) / Double(frequencies.count)
    }
  }
}
