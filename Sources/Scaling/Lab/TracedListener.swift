/// The one listener of a traced run: whose counts are its, and who took its locks where.
extension ListenerLocks {
  /// Fewer slots tell nothing of how counts vary.
  private static let leastSlots = 4

  /// In the slots that the run filled.
  ///
  /// - Returns: nil where its workers do not share a listener, or where the kernel does not tell.
  init?(_ trace: LockTrace, _ run: RunRecord, _ workload: Workload) {
    guard trace.knowsListeners, run.mode.sharesListener(workload),
      let spinlocks = trace.spinlocks()
    else { return nil }
    let accepted = run.server.total.total.accepted
    // Others may listen meanwhile: the run's took as many connections as its workers accepted.
    let listener = Dictionary(grouping: trace.joined(), by: \.listener)
      .map { (address: $0.key, joins: $0.value, sum: $0.value.reduce(0) { $0 &+ $1.value }) }
      .min { $0.sum.distance(from: accepted) < $1.sum.distance(from: accepted) }
    guard accepted > 0, let listener, listener.sum.distance(from: accepted) <= accepted / 10 else {
      return nil
    }
    // The first and the last are not full.
    let slots = Set(listener.joins.map(\.slot)).sorted().dropFirst().dropLast()
    guard slots.count >= Self.leastSlots else { return nil }

    let slept = trace.slept().filter { $0.listener == listener.address }
    let waits = trace.found().filter { $0.listener == listener.address }
    func sum(_ counts: [LockTrace.Count], in slot: UInt32) -> UInt64 {
      counts.reduce(0) { $1.slot == slot ? $0 &+ $1.value : $0 }
    }
    func found(_ lock: UInt32, in slot: UInt32) -> UInt64 {
      sum(waits.filter { $0.of == lock }, in: slot)
    }

    let shares = Shares(run)
    // Whoever finds the socket owned sleeps, which no kind of spinlock hides.
    var socket = LockSample()
    var queue = LockSample(countsFirst: spinlocks == .paravirtual)
    var sleepers = queue
    connections = 0
    for slot in slots {
      var joins: [Int: Double] = [:]
      for count in listener.joins where count.slot == slot {
        joins[Int(count.of), default: 0] += Double(count.value)
      }
      let all = joins.values.reduce(0, +)
      connections &+= UInt64(all)
      func add(_ found: UInt64, _ acquisitions: [Int: Double], to sample: inout LockSample) {
        sample.add(
          found: found, Array(acquisitions.values), seconds: LockTrace.slotSeconds)
      }
      add(sum(slept, in: slot), shares.calls.mapValues { $0 * all }, to: &socket)
      add(
        found(1, in: slot),
        joins.merging(shares.accepts.mapValues { $0 * all }, uniquingKeysWith: +), to: &queue)
      add(found(2, in: slot), joins, to: &sleepers)
    }
    locks = [.socket: socket, .queue: queue]
    if run.mode.wakesEpolls(workload) { locks[.sleepers] = sleepers }
  }

  /// By CPU, for each connection: those that its workers accept, and their calls of accept(2), the
  /// vain ones included.
  private struct Shares {
    var accepts: [Int: Double] = [:]
    var calls: [Int: Double] = [:]

    init(_ run: RunRecord) {
      let all = Double(max(1, run.server.total.total.accepted))
      for (worker, counts) in run.server.total.enumerated() where !run.serverCPUs.isEmpty {
        let cpu = run.serverCPUs[worker % run.serverCPUs.count]
        accepts[cpu, default: 0] += Double(counts.accepted) / all
        calls[cpu, default: 0] += Double(counts.accepted &+ counts.emptyWakeUps) / all
      }
    }
  }
}

extension UInt64 {
  fileprivate func distance(from other: UInt64) -> UInt64 {
    self > other ? self - other : other - self
  }
}
