/// Where one listener that workers share stops, told from how often its locks are found taken while
/// it is far from that: what passes one lock for S seconds a connection passes it 1/S times a second
/// at most, however many CPUs there are.
///
/// It is a bound from above: with more CPUs, and farther ones, the lines that a lock guards take
/// longer to come, and where all sleepers are woken there are more of them.
package struct ListenerCeiling: Hashable, Sendable {
  package var mode: ListenerMode
  package var workers: Int
  /// The lock that it stops at.
  package var lock: ListenerLocks.Kind
  /// Acquisitions that found it taken.
  package var found: UInt64
  /// Seconds a connection that the lock is held; of whichever lock holds longest, with 95 %.
  package var serial: Interval
  /// CPUs of this load at the ceiling.
  package var cores: Double?
  /// Those of the load generator are among them, as it shares the server's.
  package var countsLoad: Bool

  /// Fewer tell no more than a bound.
  package static let leastFound = 10

  package var isTold: Bool { found >= Self.leastFound }
  /// Connections a second.
  package var rate: Double { 1 / serial.estimate }
  /// The least that the intervals allow.
  package var leastRate: Double { 1 / serial.high }

  /// Of each mode that shares a listener the one with the most workers.
  package static func all(_ results: Results) -> [ListenerCeiling] {
    guard results.session?.plan.exchange.workload == .crr else { return [] }
    return ListenerMode.all.compactMap { mode in
      results.locks.filter { $0.mode == mode && $0.listener != nil }
        .max { $0.workers < $1.workers }
        .flatMap { ListenerCeiling($0, results) }
    }
  }

  private init?(_ record: LockRecord, _ results: Results) {
    guard let listener = record.listener, listener.connections > 0 else { return nil }
    let confidence = 1 - 0.05 / Double(max(1, listener.locks.count))
    let times = ListenerLocks.Kind.allCases.compactMap {
      kind -> (kind: ListenerLocks.Kind, found: UInt64, serial: Interval)? in
      guard let sample = listener.locks[kind],
        let hold = HoldTime(sample, confidence: confidence)
      else { return nil }
      let each = sample.acquisitions / Double(listener.connections)
      let serial = Interval(
        hold.seconds.estimate * each, hold.seconds.low * each, hold.seconds.high * each)
      return (kind, hold.found, serial)
    }
    guard let longest = times.max(by: { $0.serial.estimate < $1.serial.estimate }),
      let low = times.map(\.serial.low).max(), let high = times.map(\.serial.high).max(),
      high > 0, [low, high, longest.serial.estimate].allSatisfy(\.isFinite)
    else { return nil }
    mode = record.mode
    workers = record.workers
    lock = longest.kind
    found = longest.found
    serial = Interval(longest.serial.estimate, low, high)
    let runs = results.runs.filter { $0.mode == record.mode && $0.workers == record.workers }
    countsLoad = !runs.allSatisfy(\.isApart)
    let costs = runs.compactMap { countsLoad ? $0.derived.cpu : $0.serverCost }
    if isTold, !costs.isEmpty {
      cores = rate * costs.reduce(0, +) / Double(costs.count) / 1e6
    }
  }
}

extension RunRecord {
  /// µs a transaction that the server's CPUs were busy.
  fileprivate var serverCost: Double? {
    derived.serverIdle.flatMap { idle in
      rate > 0 ? (1 - idle) * Double(serverCPUs.count) / rate * 1e6 : nil
    }
  }
}
