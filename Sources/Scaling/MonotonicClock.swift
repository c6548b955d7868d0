import Glibc

/// CLOCK_MONOTONIC in nanoseconds: the same for all processes of a host.
package enum MonotonicClock {
  @inline(__always) package static func now() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(bitPattern: Int64(time.tv_sec)) &* 1_000_000_000
      &+ UInt64(bitPattern: Int64(time.tv_nsec))
  }

  /// CLOCK_REALTIME, seconds since 1970: what two hosts can agree on.
  package static func realtime() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

/// When a run begins, when it is measured, when it ends; CLOCK_MONOTONIC nanoseconds.
package struct Window: Codable, Hashable, Sendable {
  package var start: UInt64
  package var from: UInt64
  package var until: UInt64

  package init(start: UInt64, warmUp: Double, duration: Double) {
    self.start = start
    from = start &+ Self.nanoseconds(warmUp)
    until = from &+ Self.nanoseconds(duration)
  }

  package var seconds: Double { Double(until &- from) / 1e9 }

  package static func nanoseconds(_ seconds: Double) -> UInt64 {
    UInt64(max(0, min(seconds, 86_400 * 365)) * 1e9)
  }
}
