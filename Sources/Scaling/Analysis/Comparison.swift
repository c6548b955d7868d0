/// Two states compared: two results files, or the variants of one.
package struct Comparison: Sendable {
  package enum Outcome: String, CaseIterable, Sendable {
    case faster, slower, inconclusive
  }

  package struct Row: Sendable {
    /// What served; nil where the server is elsewhere.
    package var server: (mode: ListenerMode, workers: Int)?
    /// Whose figures are compared with whose.
    package var names: (of: String, over: String)
    package var pairs: Int
    /// Ratios of the figures, with a 95 % interval; all rows together.
    package var rate: Interval
    package var p99: Interval?
    package var cpu: Interval?
    /// Load came at a set rate, and all of it was served: only latency can differ.
    package var isOpenLoop: Bool

    package var outcome: Outcome {
      guard pairs >= Interval.leastSamples else { return .inconclusive }
      if isOpenLoop {
        guard let p99, !p99.contains(1) else { return .inconclusive }
        return p99.high < 1 ? .faster : .slower
      }
      if rate.low > 1 { return .faster }
      if rate.high < 1 { return .slower }
      return .inconclusive
    }
  }

  /// What keeps the two from being alike apart from what was changed.
  package enum Caution: Hashable, Sendable {
    /// They were measured one after the other.
    case apart
    case machines(String, String)
    case kernels(String, String)
    case quotas([CPUQuota], [CPUQuota])
    /// Workload, connections, rate, CPUs or network.
    case conditions
    /// A sysctl; nil where there is none.
    case setting(String, String?, String?)
    /// The sysctls of the namespaces that runs were made in are not recorded.
    case unknownSettings
    /// A variant that comes to nothing here.
    case noChange(String)
    case sameChanges(String, as: String)
  }

  package var rows: [Row]
  package var cautions: [Caution]

  /// The variant that changes nothing.
  package static let asItIs = "none"

  /// Pairs the runs of round i. They were not interleaved, so what drifted between the two
  /// sessions is in the ratio: said in `cautions`.
  package init(_ a: Results, _ b: Results) throws(BenchError) {
    let first = ModeSummary.all(a)
    let shared = ModeSummary.all(b).compactMap { later in
      first.first { $0.name == later.name && $0.workers == later.workers }.map { ($0, later) }
    }
    guard !shared.isEmpty else {
      throw BenchError("the two results share no mode with the same number of workers")
    }
    rows = Self.rows(shared.map { ($0, $1, ("B", "A")) }, a.session?.plan.rate)
    guard !rows.isEmpty else {
      throw BenchError("too few runs to compare: each needs at least two rounds")
    }
    cautions = Self.cautions(a, b)
  }

  /// Each variant of a plan against its first, measured in the same rounds.
  package init(variants results: Results) {
    let summaries = ModeSummary.all(results)
    let variants = results.session?.plan.variants ?? []
    let pairs = summaries.filter { $0.rank > 0 }.compactMap { later in
      summaries.first {
        $0.rank == 0 && $0.mode == later.mode && $0.workers == later.workers
      }.map {
        ($0, later, (SweepPlan.label(later.variant ?? ""), SweepPlan.label($0.variant ?? "")))
      }
    }
    rows = Self.rows(pairs, results.session?.plan.rate)
    cautions = Self.changes(summaries, variants)
  }

  private static func rows(
    _ pairs: [(ModeSummary, ModeSummary, (of: String, over: String))], _ offered: Double?
  ) -> [Row] {
    let confidence = 1 - 0.05 / Double(max(1, pairs.count))
    return pairs.compactMap { before, after, names in
      func ratio(_ figure: (RunRecord) -> Double?) -> Interval? {
        Interval.pairedRatio(after.pairs(before, figure), confidence: confidence)
      }
      guard let rate = ratio(\.derived.rate) else { return nil }
      return Row(
        server: after.isRemote ? nil : (after.mode, after.workers),
        names: names, pairs: after.pairs(before, \.derived.rate).count, rate: rate,
        p99: ratio { $0.load.latency.map { Double($0.p99) } },
        cpu: ratio(\.derived.cpu),
        isOpenLoop: SweepPlan.isServed(offered, at: min(before.meanRate, after.meanRate)))
    }
  }

  /// States that come to the same cannot differ but by chance.
  private static func changes(_ summaries: [ModeSummary], _ variants: [String]) -> [Caution] {
    let made = variants.map { variant in
      summaries.first { $0.variant == variant }?.runs.first?.changes
    }
    return variants.indices.compactMap { index in
      guard let changes = made[index], variants[index] != asItIs else { return nil }
      if changes.isEmpty { return .noChange(SweepPlan.label(variants[index])) }
      return made[..<index].firstIndex(of: changes).map {
        .sameChanges(SweepPlan.label(variants[index]), as: SweepPlan.label(variants[$0]))
      }
    }
  }

  private static func cautions(_ a: Results, _ b: Results) -> [Caution] {
    guard let first = a.session, let second = b.session else { return [] }
    var cautions = [Caution.apart]
    let (one, other) = (first.machine, second.machine)
    if one.hostName != other.hostName || one.processor != other.processor {
      cautions.append(.machines(one.hostName, other.hostName))
    }
    if one.kernel != other.kernel { cautions.append(.kernels(one.kernel, other.kernel)) }
    if let quotas = one.quotas, let others = other.quotas, quotas != others {
      cautions.append(.quotas(quotas, others))
    }
    let (before, after) = (first.plan, second.plan)
    if before.exchange != after.exchange || before.connections != after.connections
      || before.serverCPUs != after.serverCPUs || before.clientCPUs != after.clientCPUs
      || before.network != after.network || before.rate != after.rate
    {
      cautions.append(.conditions)
    }
    let isKnown = first.knowsNamespace && second.knowsNamespace
    for name in Machine.settingNames where isKnown || !Machine.isOfNamespace(name) {
      let (old, new) = (one.settings[name], other.settings[name])
      // What an older format did not record is no difference.
      if (old == nil || new == nil) && first.format != second.format { continue }
      if old != new { cautions.append(.setting(name, old, new)) }
    }
    if !isKnown { cautions.append(.unknownSettings) }
    return cautions
  }
}
