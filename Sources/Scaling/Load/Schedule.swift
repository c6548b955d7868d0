/// When transactions are due in open-loop load.
///
/// A transaction that is late because others held every connection keeps its due time as its
/// beginning, so its wait is in its latency: no coordinated omission.
struct Schedule {
  /// CLOCK_MONOTONIC nanoseconds; `.max` in closed loop.
  private(set) var next: UInt64
  private let interval: Double
  private let start: UInt64
  private var issued: UInt64 = 0

  /// `rate` is one thread's; threads are set off against each other by their share of a step.
  init(rate: Double?, start: UInt64, thread: Int, of threads: Int) {
    guard let rate else {
      (next, interval, self.start) = (.max, 0, start)
      return
    }
    let interval = 1e9 * Double(threads) / rate
    self.interval = interval
    self.start = start &+ UInt64(interval * Double(thread) / Double(threads))
    next = self.start
  }

  /// Takes the next due time and moves on. Counted from the start, so no error adds up.
  mutating func take() -> UInt64 {
    let due = next
    issued &+= 1
    next = start &+ UInt64(Double(issued) * interval)
    return due
  }

  /// Takes those that are due, and tells how many.
  mutating func take(dueAt time: UInt64, atMost limit: UInt32) -> UInt32 {
    var count: UInt32 = 0
    while next <= time && count < limit {
      _ = take()
      count &+= 1
    }
    return count
  }

  /// How many fell due before `time` and were never begun.
  func overdue(at time: UInt64) -> UInt64 {
    guard interval > 0, next < time else { return 0 }
    return UInt64((Double(time &- next) / interval).rounded(.up))
  }
}
