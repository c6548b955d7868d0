/// How the CPU time of a mode's transaction grew from the fewest workers that were measured to the
/// most, and what of it.
package struct CostGrowth: Hashable, Sendable {
  package enum Part: String, CaseIterable, Sendable {
    /// µs of CPU a transaction.
    case user, system, softirq
    /// A transaction.
    case emptyWakeUps = "empty-wake-ups"
    /// µs a transaction that CPUs spun for locks of the kernel, in the traced runs.
    case lockSpins = "lock-spins"
  }

  package struct Increase: Hashable, Sendable {
    package var part: Part
    package var amount: Double
  }

  /// Of the summaries that it is about.
  package var name: String
  package var fewest: Int
  package var most: Int
  /// Of the CPU time with the most workers to that with the fewest; all modes together hold with
  /// 95 %.
  package var ratio: Interval
  /// What grew by more than chance.
  package var increases: [Increase]

  /// It grew by more than chance.
  package var isSignificant: Bool { ratio.low > 1 }

  /// One for each mode and state of the host that has enough rounds with both.
  package static func all(_ results: Results) -> [CostGrowth] {
    let pairs = ModeSummary.lines(ModeSummary.all(results)).compactMap { line in
      line.first.flatMap { first in
        line.last.flatMap { $0.workers > first.workers ? (first, $0) : nil }
      }
    }
    let confidence = 1 - 0.05 / Double(max(1, pairs.count))
    return pairs.compactMap { CostGrowth($0, $1, results.locks, confidence) }
  }

  private init?(
    _ few: ModeSummary, _ many: ModeSummary, _ locks: [LockRecord], _ confidence: Double
  ) {
    let costs = many.pairs(few, \.derived.cpu)
    guard costs.count >= Interval.leastSamples,
      let ratio = Interval.pairedRatio(costs, confidence: confidence)
    else { return nil }
    name = many.name
    fewest = few.workers
    most = many.workers
    self.ratio = ratio
    increases = Part.allCases.compactMap { part in
      guard let figure = part.figure else { return nil }
      let differences = many.pairs(few, figure).map { $0 - $1 }
      guard let mean = Interval.mean(differences, confidence: confidence), mean.low > 0 else {
        return nil
      }
      return Increase(part: part, amount: mean.estimate)
    }
    // One run of each is traced, which has no interval: told where it is a part that matters.
    func spins(_ summary: ModeSummary) -> Double? {
      locks.first { $0.mode == summary.mode && $0.workers == summary.workers }?
        .microseconds(\.total)
    }
    let growth = costs.reduce(0) { $0 + $1.0 - $1.1 } / Double(costs.count)
    if let before = spins(few), let after = spins(many), after - before > 0.05 * growth,
      after > before
    {
      increases.append(Increase(part: .lockSpins, amount: after - before))
    }
  }
}

extension CostGrowth.Part {
  /// nil of what a run does not measure.
  fileprivate var figure: ((RunRecord) -> Double?)? {
    switch self {
    case .user: { $0.derived.host?.user }
    case .system: { $0.derived.host?.system }
    case .softirq: { $0.derived.host?.softirq }
    case .emptyWakeUps: { $0.derived.emptyWakeUps }
    case .lockSpins: nil
    }
  }
}
