import Glibc

/// What this process has used: getrusage(2). Without IRQ_TIME_ACCOUNTING its system time holds
/// the softirqs that ran while it did.
package struct ProcessUsage: Codable, Hashable, Sendable {
  /// Seconds.
  package var user: Double = 0
  package var system: Double = 0
  package var voluntarySwitches: Int = 0
  package var involuntarySwitches: Int = 0

  package init() {}

  package static func current() -> ProcessUsage { of(RUSAGE_SELF.rawValue) }

  /// Of the calling thread alone: RUSAGE_THREAD, which bits/resource.h shows to GNU's C only.
  static func ofThread() -> ProcessUsage { of(1) }

  private static func of(_ whom: __rusage_who_t) -> ProcessUsage {
    var usage = rusage()
    guard unsafe getrusage(whom, &usage) == 0 else {
      return ProcessUsage()
    }
    return ProcessUsage(usage)
  }

  init(_ usage: rusage) {
    user = Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) / 1e6
    system = Double(usage.ru_stime.tv_sec) + Double(usage.ru_stime.tv_usec) / 1e6
    voluntarySwitches = usage.ru_nvcsw
    involuntarySwitches = usage.ru_nivcsw
  }

  static func + (left: Self, right: Self) -> Self {
    var sum = left
    sum.user += right.user
    sum.system += right.system
    sum.voluntarySwitches += right.voluntarySwitches
    sum.involuntarySwitches += right.involuntarySwitches
    return sum
  }

  package static func - (later: Self, earlier: Self) -> Self {
    var difference = later
    difference.user -= earlier.user
    difference.system -= earlier.system
    difference.voluntarySwitches -= earlier.voluntarySwitches
    difference.involuntarySwitches -= earlier.involuntarySwitches
    return difference
  }
}
