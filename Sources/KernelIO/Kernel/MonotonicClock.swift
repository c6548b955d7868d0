import Glibc

/// CLOCK_MONOTONIC in nanoseconds: the same for all processes of a host.
package enum MonotonicClock {
  @inlinable @inline(__always) package static func now() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(bitPattern: Int64(time.tv_sec)) &* 1_000_000_000
      &+ UInt64(bitPattern: Int64(time.tv_nsec))
  }

  /// CLOCK_PROCESS_CPUTIME_ID: nanoseconds that all threads of this process have run, in user space
  /// and in the kernel.
  package static func processTime() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return UInt64(clamping: time.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: time.tv_nsec)
  }

  /// CLOCK_REALTIME, seconds since 1970: what two hosts can agree on.
  package static func realtime() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Sleeps until such a time.
  package static func sleep(until time: UInt64) {
    var moment = timespec(
      tv_sec: Int(clamping: time / 1_000_000_000), tv_nsec: Int(time % 1_000_000_000))
    while unsafe clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, nil) == EINTR {}
  }
}
