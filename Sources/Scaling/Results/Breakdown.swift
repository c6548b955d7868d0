import ReceivePath

/// Where the CPU time of a transaction goes: one run, looked at so many times a second.
package struct Breakdown: Codable, Sendable {
  package var exchange: Exchange
  /// Sampling takes time as well: its rate is a little below that of a run alone.
  package var run: RunRecord
  /// Samples a second of each CPU that were asked for.
  package var frequency: UInt64
  package var ends: [End]
  /// Samples that found no room, or that the kernel put off.
  package var lost: UInt64
  package var throttled: UInt64
  /// Of a run of its own; nil where that could not be made.
  package var counts: TransactionCounts?

  package struct End: Codable, Sendable {
    package enum Kind: String, Codable, CaseIterable, Sendable {
      case server, load
      /// Where they share CPUs.
      case both
    }

    package var kind: Kind
    package var cpus: [Int]
    /// Samples of these CPUs, and of them those of an idle CPU, of other processes, and of the
    /// process that measures.
    package var samples: UInt64 = 0
    package var idle: UInt64 = 0
    package var foreign: UInt64 = 0
    package var own: UInt64 = 0
    /// The rest by cause, the largest first.
    package var causes: [Share<Cause>] = []
    /// The same by what the CPU had been called for: a system call's name, "softirq", "user".
    package var calls: [Share<String>] = []
    /// The functions of what is unknown.
    package var unknown: [Share<String>] = []

    package init(kind: Kind, cpus: [Int]) {
      self.kind = kind
      self.cpus = cpus
    }
  }

  package struct Share<Of: Codable & Sendable>: Codable, Sendable {
    package var of: Of
    package var samples: UInt64
  }

  /// µs a transaction, and its standard error.
  package struct Time: Hashable, Sendable {
    package var microseconds: Double
    package var error: Double
  }
}

extension Breakdown.Share: Equatable where Of: Equatable {}

extension Breakdown.End {
  /// For the transactions of the run.
  package var busy: UInt64 { causes.reduce(0) { $0 &+ $1.samples } }

  package func samples(_ causes: [Cause]) -> UInt64 {
    self.causes.reduce(0) { causes.contains($1.of) ? $0 &+ $1.samples : $0 }
  }

  /// Of what was spent for the transactions, with its standard error; nil where nothing was.
  package func share(_ causes: [Cause]) -> (share: Double, error: Double)? {
    guard busy > 0 else { return nil }
    let share = Double(samples(causes)) / Double(busy)
    return (share, (share * (1 - share) / Double(busy)).squareRoot())
  }
}

extension Breakdown {
  /// Samples of an end as time; nil where nothing was done, or nobody looked.
  ///
  /// A CPU is looked at at moments that nothing it does chooses, so the share of samples is the share
  /// of time, and the count is binomial.
  package func time(_ samples: UInt64, _ end: End) -> Time? {
    let transactions = Double(run.load.counts.measured)
    guard transactions > 0, end.samples > 0 else { return nil }
    let all = Double(end.samples)
    let share = Double(samples) / all
    let whole = run.load.seconds * Double(end.cpus.count) * 1e6 / transactions
    return Time(
      microseconds: share * whole, error: (share * (1 - share) / all).squareRoot() * whole)
  }

  /// Sums and charts hold what is within these bounds.
  var isPossible: Bool {
    run.isPossible && (0...1e9).contains(run.load.seconds)
      && ends.allSatisfy { end in
        let parts = [end.idle, end.foreign, end.own] + end.causes.map(\.samples)
        return end.samples < 1 << 48 && end.cpus.count < 1 << 16
          && parts.allSatisfy { $0 <= end.samples }
      }
  }

  /// What /proc/stat says that these CPUs were busy, µs a transaction; other processes included.
  /// It counts whole ticks, and without IRQ_TIME_ACCOUNTING samples them itself.
  package func ticks(_ end: End) -> Double? {
    let transactions = Double(run.load.counts.measured)
    let times = end.cpus.compactMap { run.server.host.processors[$0] }
    guard transactions > 0, times.count == end.cpus.count else { return nil }
    let busy = times.reduce(0.0) { $0 + Double($1.total &- $1.idle) }
    // USER_HZ: 10,000 µs a tick.
    return busy * 10_000 / transactions
  }

  /// Samples taken as a share of those that were due.
  package func coverage(_ end: End) -> Double? {
    let due = Double(frequency) * run.load.seconds * Double(end.cpus.count)
    return due > 0 ? Double(end.samples) / due : nil
  }
}
