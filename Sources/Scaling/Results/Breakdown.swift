import ReceivePath

/// Where the CPU time of a transaction goes: one run, looked at so many times a second.
package struct Breakdown: Codable, Sendable {
  package var exchange: Exchange
  /// Sampling takes time as well: its rate is a little below that of a run alone.
  package var run: RunRecord
  /// Samples a second of each CPU that were asked for.
  package var frequency: UInt64
  /// How long they were taken; nil in results of before that was told.
  package var seconds: Double?
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
    /// process that measures. Some kernels sample no idle CPU, and none one that is idle for long.
    package var samples: UInt64 = 0
    package var idle: UInt64 = 0
    package var foreign: UInt64 = 0
    package var own: UInt64 = 0
    /// Those while a task of server or load ran, softirqs that interrupted it included. The time that
    /// the scheduler charges (getrusage) is longer, for it begins when a task is woken; nil in results
    /// of before that was told.
    package var tasks: UInt64? = 0
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

  /// For whomever.
  package var sampled: UInt64 { busy &+ foreign &+ own }

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
  /// A CPU is looked at at moments that nothing it does chooses, each of which stands for the time up
  /// to the next. It is no share of all samples: an idle CPU may be looked at rarely or never. The
  /// count is binomial, of the moments that were due.
  package func time(_ samples: UInt64, _ end: End) -> Time? {
    let transactions = Double(run.load.counts.measured)
    guard transactions > 0, end.samples > 0, frequency > 0, let due = due(end), due > 0 else {
      return nil
    }
    // Both windows are the run's, but for when whom the scheduler let run.
    let each = run.load.seconds / sampledFor / Double(frequency) * 1e6 / transactions
    let count = Double(samples)
    return Time(
      microseconds: count * each,
      error: (count * max(0, 1 - count / due)).squareRoot() * each)
  }

  private var sampledFor: Double { seconds ?? run.load.seconds }

  /// Samples of an end that never idles.
  private func due(_ end: End) -> Double? {
    sampledFor > 0 ? Double(frequency) * sampledFor * Double(end.cpus.count) : nil
  }

  /// Sums and charts hold what is within these bounds.
  var isPossible: Bool {
    run.isPossible && (0...1e9).contains(run.load.seconds)
      && (0...1e9).contains(seconds ?? 0) && (0...1e9).contains(run.server.host.seconds)
      && ends.allSatisfy { end in
        let parts = [end.idle, end.foreign, end.own, end.tasks ?? 0] + end.causes.map(\.samples)
        return end.samples < 1 << 48 && end.cpus.count < 1 << 16
          && parts.allSatisfy { $0 <= end.samples }
      }
  }

  /// What the kernel says that these CPUs were not idle, µs a transaction; other processes
  /// included, and what the hypervisor took not. Idle time it measures where idle CPUs have no tick
  /// (CONFIG_NO_HZ_IDLE), the rest of /proc/stat it samples itself.
  package func measured(_ end: End) -> Double? { busy(end) { Double($0.idle) + Double($0.steal) } }

  /// The same with what the hypervisor took, which is part of the idle time where it took it of an idle
  /// CPU: at most these were busy for so long.
  func notIdle(_ end: End) -> Double? { busy(end) { Double($0.idle) } }

  private func busy(_ end: End, besides idle: (ProcessorTimes) -> Double) -> Double? {
    let transactions = Double(run.load.counts.measured)
    let host = run.server.host
    let times = end.cpus.compactMap { host.processors[$0] }
    guard transactions > 0, host.seconds > 0, times.count == end.cpus.count else { return nil }
    // USER_HZ: a hundred ticks a second.
    let idle = times.reduce(0.0) { $0 + idle($1) } / 100
    let busy = max(0, host.seconds * Double(end.cpus.count) - idle)
    return busy * run.load.seconds / host.seconds * 1e6 / transactions
  }

  /// Of what was measured, that of which there are no samples: interrupts of an idle CPU, those
  /// that take the samples among them. nil where it cannot be told.
  package func unsampled(_ end: End) -> Double? {
    guard let measured = measured(end), let sampled = time(end.sampled, end) else { return nil }
    return max(0, measured - sampled.microseconds)
  }

  /// The same as a share of these CPUs' time.
  func unsampledShare(_ end: End) -> Double? {
    let whole = run.load.seconds * Double(end.cpus.count) * 1e6
    guard whole > 0, let unsampled = unsampled(end) else { return nil }
    return unsampled * Double(run.load.counts.measured) / whole
  }

  /// By what share samples come to more than these CPUs were not idle, beyond doubt; nil where they do
  /// not. A hypervisor takes its time to wake a halted CPU: a sample that is due meanwhile is taken when it
  /// runs, and counts for what it does first, while /proc/stat calls that time idle.
  func excess(_ end: End) -> Double? {
    guard let busy = notIdle(end), busy > 0, let sampled = time(end.sampled, end) else {
      return nil
    }
    let isBeyondDoubt = sampled.microseconds - 4 * sampled.error > (1 + Self.excessLimit) * busy
    return isBeyondDoubt ? sampled.microseconds / busy - 1 : nil
  }

  private static let excessLimit = 0.05
}
