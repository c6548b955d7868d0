import CKernel
import Glibc
import KernelIO

/// SIGINT, SIGTERM and SIGHUP as something to wait for beside other descriptors.
///
/// To be made before any thread starts: threads inherit the blocked signals.
@safe package final class Interruption {
  package let descriptor: Int32
  package private(set) var hasCome = false

  package init() throws(BenchError) {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGINT)
    unsafe sigaddset(&signals, SIGTERM)
    unsafe sigaddset(&signals, SIGHUP)
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    descriptor = unsafe signalfd(-1, &signals, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
    guard descriptor >= 0 else { throw BenchError.last("signalfd") }
  }

  deinit { close(descriptor) }

  /// Sleeps until a CLOCK_MONOTONIC time; false where a signal, or input on `other`, came first.
  package func sleep(until time: UInt64, or other: Int32? = nil) -> Bool {
    while true {
      let now = MonotonicClock.now()
      if now >= time { return true }
      var waits = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
      if let other { waits.append(pollfd(fd: other, events: Int16(POLLIN), revents: 0)) }
      let milliseconds = min((time - now) / 1_000_000 + 1, 60_000)
      let count = unsafe poll(&waits, nfds_t(waits.count), Int32(milliseconds))
      if count > 0 {
        if waits[0].revents != 0 {
          hasCome = true
          return false
        }
        // Input that came after the time, while this process waited for a CPU, was not first.
        return MonotonicClock.now() >= time
      }
    }
  }

  /// Is there input on `other` already?
  static func isReadable(_ other: Int32) -> Bool {
    var wait = pollfd(fd: other, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&wait, 1, 0) > 0
  }

  /// Has a pipe's other end been closed by all?
  static func isHungUp(_ pipe: Int32) -> Bool {
    var wait = pollfd(fd: pipe, events: 0, revents: 0)
    return unsafe poll(&wait, 1, 0) > 0
  }

  /// Sleeps until a signal or input on `other` comes.
  package func wait(or other: Int32? = nil) { while sleep(until: .max, or: other) {} }
}
