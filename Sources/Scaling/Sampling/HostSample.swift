package import KernelIO

/// The host as one process sees it at one moment.
package struct HostSample: Codable, Hashable, Sendable {
  /// CLOCK_MONOTONIC nanoseconds.
  package var time: UInt64
  package var usage: ProcessUsage
  package var processors: [Int: ProcessorTimes]
  /// Of this process's network namespace; empty where unreadable.
  package var counters: [String: UInt64]
  package var softnet: SoftnetCounts?
  /// Sockets in TIME_WAIT, of this network namespace.
  package var timeWait: Int?

  package init(_ kernel: some Kernel) {
    time = MonotonicClock.now()
    usage = .current()
    func text(_ path: String) -> String? { try? kernel.text(.proc(path)) }
    processors = text("stat").map(ProcessorTimes.parse) ?? [:]
    counters = ["net/netstat", "net/snmp"].reduce(into: [:]) {
      $0.merge(ProtocolCounters.parse(text($1) ?? "")) { first, _ in first }
    }
    softnet = text("net/softnet_stat").map(SoftnetCounts.init(parsing:))
    timeWait = text("net/sockstat").flatMap(Self.timeWait)
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
  package var counters: [String: UInt64]
  package var softnet: SoftnetCounts?
  package var timeWait: Int?

  package init(from before: HostSample, to after: HostSample) {
    seconds = Double(after.time &- before.time) / 1e9
    usage = after.usage - before.usage
    processors = after.processors.reduce(into: [:]) { result, entry in
      if let earlier = before.processors[entry.key] { result[entry.key] = entry.value - earlier }
    }
    counters = ProtocolCounters.difference(after.counters, before.counters)
    if let later = after.softnet, let earlier = before.softnet { softnet = later - earlier }
    timeWait = after.timeWait
  }
}
