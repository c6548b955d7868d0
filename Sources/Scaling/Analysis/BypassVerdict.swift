/// What each way to serve gains over the kernel's sockets, and what it costs.
package struct BypassVerdict: Sendable {
  /// What is held against the baseline's, as a ratio of the same round.
  package enum Figure: CaseIterable, Hashable, Sendable { case throughput, p50, p99, cpu }

  /// Why a faster backend is no gift.
  package enum Price: Hashable, Sendable {
    /// A poller used its CPUs for that share of their time, at whatever load.
    case burntCPU(share: Double)
    /// What the kernel's stack would have done for the packets.
    case withoutStack
    /// It needs something of its own on every queue of the device.
    case takesQueues
    /// The kernel's stack still handles a copy of every packet.
    case paysTwice
    /// TCP is not the kernel's.
    case anotherTCP
  }

  package struct Row: Sendable {
    package var mode: ListenerMode
    package var name: String
    /// Rounds that have both.
    package var pairs: Int
    /// All rows of a figure hold together with 95 %; none where too few rounds have both.
    package var ratios: [(figure: Figure, ratio: Interval)]
    /// Load came at a set rate that both served: throughput says nothing.
    package var isOpenLoop: Bool
    package var prices: [Price]

    package func ratio(_ figure: Figure) -> Interval? {
      ratios.first { $0.figure == figure }?.ratio
    }

    /// Figures that are better than the baseline's by more than chance.
    package var gains: [Figure] { ratios.filter { $0.figure.isBetter($0.ratio) }.map(\.figure) }
    /// Those that are worse.
    package var losses: [Figure] { ratios.filter { $0.figure.isWorse($0.ratio) }.map(\.figure) }

    /// Is every figure known to be the baseline's but for so little that nobody would change for it?
    package var isSame: Bool {
      !ratios.isEmpty
        && ratios.allSatisfy {
          Self.negligible.contains($0.ratio.low) && Self.negligible.contains($0.ratio.high)
        }
    }
    private static let negligible = 0.9...1.1
  }

  package var workload: Workload
  package var baseline: ListenerMode
  package var rows: [Row]
  package var leftOut: [ListenerMode]

  /// nil where these are not results of `bench bypass`, or nothing was measured.
  package init?(_ results: Results) {
    guard let plan = results.session?.plan, let bypass = plan.bypass else { return nil }
    let summaries = ModeSummary.all(results)
    guard let base = summaries.first(where: { $0.mode == SweepPlan.Bypass.baseline }) else {
      return nil
    }
    workload = plan.exchange.workload
    baseline = base.mode
    leftOut = bypass.leftOut
    let others = summaries.filter { $0.mode != base.mode }
    // Bonferroni, as of modes.
    let confidence = 1 - 0.05 / Double(max(1, others.count))
    rows = others.map { summary in
      let isOpenLoop = SweepPlan.isServed(
        plan.rate, at: min(summary.meanRate, base.meanRate))
      let figures = Figure.allCases.filter { $0 != .throughput || !isOpenLoop }
      return Row(
        mode: summary.mode, name: summary.name,
        pairs: summary.pairs(base, \.derived.rate).count,
        ratios: figures.compactMap { figure in
          let pairs = summary.pairs(base, figure.value)
          guard pairs.count >= Interval.leastSamples else { return nil }
          return Interval.pairedRatio(pairs, confidence: confidence).map { (figure, $0) }
        }, isOpenLoop: isOpenLoop, prices: Price.all(summary))
    }
  }
}

extension BypassVerdict.Price {
  /// Of a poller, by what its CPUs did in the runs.
  static func all(_ summary: ModeSummary) -> [Self] {
    guard let backend = summary.mode.backend else { return [] }
    var prices: [Self] = []
    if summary.runs.allSatisfy({ $0.facts?.wait == .busy }),
      let idle = summary.mean(\.derived.serverIdle)
    {
      prices.append(.burntCPU(share: 1 - idle))
    }
    if backend.isPerQueue { prices += [.withoutStack, .takesQueues] }
    if backend.takesFrames && !backend.isPerQueue { prices.append(.paysTwice) }
    if backend.workloads.contains(where: \.isStream) { prices.append(.anotherTCP) }
    return prices
  }
}

extension BypassVerdict.Figure {
  func value(_ run: RunRecord) -> Double? {
    switch self {
    case .throughput: run.derived.rate
    case .p50: run.load.latency.map { Double($0.p50) }
    case .p99: run.load.latency.map { Double($0.p99) }
    case .cpu: run.derived.cpu
    }
  }

  func isBetter(_ ratio: Interval) -> Bool {
    self == .throughput ? ratio.low > 1 : ratio.high < 1
  }

  func isWorse(_ ratio: Interval) -> Bool {
    self == .throughput ? ratio.high < 1 : ratio.low > 1
  }
}
