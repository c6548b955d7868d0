import ReceivePath

/// A CPU between two samples. Of the whole host, whatever devices are looked at.
package struct CPURates: Hashable, Sendable {
  package var cpu: Int
  /// Shares of its time, 0…1; nil where no tick came in between.
  package var busy: Double?
  package var irq: Double?
  package var softirq: Double?
  /// What the hypervisor took.
  package var steal: Double?
  /// Interrupts a second of the devices' queues.
  package var interrupts: Double?
  /// Receive softirqs a second.
  package var netRX: Double?
  /// Packets a second through the stack's entry; those that RPS moved count where they went.
  package var processed: Double?
  /// The backlog was full, or the flow limit struck.
  package var dropped: Double?
  /// Polls a second that ended with work left.
  package var squeezed: Double?
  /// Interrupts a second by which RPS woke this CPU.
  package var rpsWakeUps: Double?
  /// Packets that wait in its backlog now; nil before 5.10.
  package var backlog: Int?

  static func all(_ interval: Interval?, _ later: Sample, _ vectors: VectorRates) -> [CPURates] {
    let earlier = Dictionary(
      (interval?.earlier.cpus ?? []).map { ($0.number, $0) }, uniquingKeysWith: { $1 })
    let interrupts = vectors.byCPU
    let isCounted = interval != nil && !later.vectors.isEmpty
    return later.cpus.map { now in
      CPURates(
        now, earlier[now.number], interval,
        interrupts: isCounted ? interrupts[now.number] ?? 0 : nil)
    }
  }

  private init(
    _ now: Sample.CPU, _ before: Sample.CPU?, _ interval: Interval?, interrupts: Double?
  ) {
    cpu = now.number
    if let later = now.times, let earlier = before?.times {
      let spent = later - earlier
      func share(_ ticks: UInt64) -> Double? {
        spent.total > 0 ? Double(ticks) / Double(spent.total) : nil
      }
      busy = spent.idleShare.map { 1 - $0 }
      irq = share(spent.irq)
      softirq = share(spent.softirq)
      steal = share(spent.steal)
    }
    self.interrupts = interrupts
    backlog = now.softnet?.backlogLength.map(Int.init)
    guard let interval else { return }
    netRX = interval.rate(now.netRX, since: before?.netRX)
    let (later, earlier) = (now.softnet, before?.softnet)
    processed = interval.rate(later?.processed, since: earlier?.processed)
    dropped = interval.rate(later?.dropped, since: earlier?.dropped)
    squeezed = interval.rate(later?.timeSqueeze, since: earlier?.timeSqueeze)
    rpsWakeUps = interval.rate(later?.receivedRPS, since: earlier?.receivedRPS)
  }
}
