/// What the runs allow to be said, each with the evidence for it.
package struct Verdict: Sendable {
  /// The most workers that were measured: what is said of modes is said of runs with so many.
  package var workers: Int
  package var measuredNothing: Bool
  package var disturbance: Disturbance?
  /// A figure each; none where there is but one mode, or variants are compared.
  package var differences: [Difference]
  package var variants: Comparison?
  /// Of `bench bypass`, in the place of `differences`.
  package var bypass: BypassVerdict?
  /// None where there is but one number of workers.
  package var growth: [CostGrowth]
  package var bottlenecks: [ModeBottleneck]
  package var ceilings: [ListenerCeiling]
  package var limits: [Limit]

  /// What else the machine did meanwhile, in more than a quarter of the runs.
  package struct Disturbance: Hashable, Sendable {
    /// The most of all CPUs' time that other processes took in a run.
    package var share: Double
    package var disturbed: Int
    package var runs: Int
  }

  /// Modes against the baseline by one figure.
  package struct Difference: Hashable, Sendable {
    package enum Figure: CaseIterable, Sendable { case throughput, p99, cpu }

    package struct Ratio: Hashable, Sendable {
      package var mode: ListenerMode
      /// All of them hold together with 95 %.
      package var ratio: Interval
    }

    package var figure: Figure
    package var baseline: ListenerMode
    /// Of the modes that share enough rounds with the baseline.
    package var ratios: [Ratio]

    /// Those that differ by more than chance.
    package var differing: [Ratio] { ratios.filter { !$0.ratio.contains(1) } }

    package var farthest: Ratio? {
      ratios.max { abs($0.ratio.estimate - 1) < abs($1.ratio.estimate - 1) }
    }

    /// One of those that differ is better than the baseline.
    package var hasBetter: Bool {
      differing.contains { ($0.ratio.low > 1) == (figure == .throughput) }
    }
  }

  /// A mode, and what holds it back.
  package struct ModeBottleneck: Hashable, Sendable {
    /// Of the summary that it is about.
    package var name: String
    package var bottleneck: Bottleneck
  }

  /// What the figures cannot show.
  package enum Limit: Hashable, Sendable {
    case fewCPUs(Int)
    case loopback
    case sharedCPUs
    case fewRounds(Int)
  }

  package init(_ results: Results) {
    let summaries = ModeSummary.all(results)
    let most = summaries.map(\.workers).max() ?? 1
    let atMost = summaries.filter { $0.workers == most }
    workers = most
    measuredNothing = atMost.isEmpty
    bottlenecks = atMost.compactMap { summary in
      Bottleneck(summary, results).map { ModeBottleneck(name: summary.name, bottleneck: $0) }
    }
    disturbance = Disturbance(results.runs)
    growth = CostGrowth.all(results)
    ceilings = ListenerCeiling.all(results)
    let plan = results.session?.plan
    differences = plan?.variants == nil && plan?.bypass == nil ? Self.differences(atMost) : []
    if plan?.variants != nil { variants = Comparison(variants: results) }
    bypass = BypassVerdict(results)
    limits = measuredNothing ? [] : Self.limits(results, summaries)
  }

  // MARK: Mode against mode

  /// The mode that the others are compared with: the plainest of those measured.
  package static func baseline(_ summaries: [ModeSummary]) -> ModeSummary? {
    for mode in [ListenerMode.sharedEpoll, .sharedAccept, .sharedExclusive, .acceptor] {
      if let found = summaries.first(where: { $0.mode == mode }) { return found }
    }
    return summaries.first
  }

  private static func differences(_ summaries: [ModeSummary]) -> [Difference] {
    guard let base = baseline(summaries) else { return [] }
    let others = summaries.filter { $0.mode != base.mode }
    guard !others.isEmpty else { return [] }
    // Bonferroni: all intervals hold together with 95 %.
    let confidence = 1 - 0.05 / Double(others.count)
    return Difference.Figure.allCases.map { figure in
      let ratios = others.compactMap { other -> Difference.Ratio? in
        let pairs = other.pairs(base, figure.value)
        guard pairs.count >= Interval.leastSamples else { return nil }
        return Interval.pairedRatio(pairs, confidence: confidence)
          .map { Difference.Ratio(mode: other.mode, ratio: $0) }
      }
      return Difference(figure: figure, baseline: base.mode, ratios: ratios)
    }
  }

  // MARK: What cannot be said

  private static func limits(_ results: Results, _ summaries: [ModeSummary]) -> [Limit] {
    var limits: [Limit] = []
    let cpus = results.session?.machine.onlineCPUs.count ?? 0
    if cpus > 0 && cpus < 4 { limits.append(.fewCPUs(cpus)) }
    if results.session?.plan.network == .loopback { limits.append(.loopback) }
    if summaries.contains(where: { $0.runs.contains { !$0.isApart } }) {
      limits.append(.sharedCPUs)
    }
    let rounds = summaries.map { $0.runs.count }.min() ?? 0
    if rounds < Interval.leastSamples { limits.append(.fewRounds(rounds)) }
    return limits
  }
}

extension Verdict.Disturbance {
  init?(_ runs: [RunRecord]) {
    let disturbed = runs.filter { run in run.warnings.contains { $0.code == .otherLoad } }
    guard disturbed.count * 4 > runs.count,
      let most = disturbed.compactMap(\.derived.otherUserShare).max()
    else { return nil }
    self.init(share: most, disturbed: disturbed.count, runs: runs.count)
  }
}

extension Verdict.Difference.Figure {
  func value(_ run: RunRecord) -> Double? {
    switch self {
    case .throughput: run.derived.rate
    case .p99: run.load.latency.map { Double($0.p99) }
    case .cpu: run.derived.cpu
    }
  }
}
