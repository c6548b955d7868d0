/// Two states held against each other: two results files, or the variants of one.
package struct Comparison: Sendable {
  package enum Outcome: String, CaseIterable, Sendable {
    case faster, slower
    case cannotBeTold = "cannot-be-told"
  }

  package struct Row: Sendable {
    /// "reuseport with 2 workers"; nil where the server is elsewhere.
    package var subject: String?
    /// Whose figures are held against whose.
    package var names: (of: String, over: String)
    package var pairs: Int
    /// Ratios of the figures, with a 95 % interval; all rows together.
    package var rate: Interval
    package var p99: Interval?
    package var cpu: Interval?
    /// Load came at a set rate, and all of it was served: only latency can differ.
    package var isOpenLoop: Bool

    package var outcome: Outcome {
      guard pairs >= Verdict.leastRounds else { return .cannotBeTold }
      if isOpenLoop {
        guard let p99, !p99.contains(1) else { return .cannotBeTold }
        return p99.high < 1 ? .faster : .slower
      }
      if rate.low > 1 { return .faster }
      if rate.high < 1 { return .slower }
      return .cannotBeTold
    }

    /// "reuseport with 2 workers: B is faster: 1.08× [1.02–1.15] of A's throughput, 12 pairs; p99
    /// 0.90× [0.80–1.01]; CPU a transaction 0.95× [0.91–0.99]."
    package var sentence: String {
      let answer =
        switch outcome {
        case .faster: "\(names.of) is faster"
        case .slower: "\(names.of) is slower"
        case .cannotBeTold: "whether \(names.of) is faster cannot be told"
        }
      let p99 = p99.map { "; p99 \(Comparison.text($0))" } ?? ""
      let cpu = cpu.map { "; CPU a transaction \(Comparison.text($0))" } ?? ""
      return (subject.map { "\($0): " } ?? "") + answer
        + ": \(Comparison.text(rate)) of \(names.over)'s throughput, \(pairs) pairs\(p99)\(cpu)."
    }
  }

  package var rows: [Row]
  /// What keeps the two from being alike apart from what was changed.
  package var cautions: [String]

  package var sentences: [String] { rows.map(\.sentence) }

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
      throw BenchError("the two results have no mode and number of workers in common")
    }
    rows = Self.rows(shared.map { ($0, $1, ("B", "A")) }, a.session?.plan.rate)
    guard !rows.isEmpty else {
      throw BenchError("too few runs to compare: two rounds of each are the least")
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
      }.map { ($0, later, (RunPlan.label(later.variant ?? ""), RunPlan.label($0.variant ?? ""))) }
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
        subject: after.isRemote
          ? nil : "\(after.mode.name) with \(Verdict.workers(after.workers))",
        names: names, pairs: after.pairs(before, \.derived.rate).count, rate: rate,
        p99: ratio { $0.load.latency.map { Double($0.p99) } },
        cpu: ratio(\.derived.cpu),
        isOpenLoop: offered.map { min(before.meanRate, after.meanRate) > 0.97 * $0 } ?? false)
    }
  }

  /// States that come to the same cannot differ but by chance.
  private static func changes(_ summaries: [ModeSummary], _ variants: [String]) -> [String] {
    let made = variants.map { variant in
      summaries.first { $0.variant == variant }?.runs.first?.changes
    }
    return variants.indices.compactMap { index in
      guard let changes = made[index], variants[index] != asItIs else { return nil }
      if changes.isEmpty { return "\(RunPlan.label(variants[index])) changes nothing here." }
      guard let twin = made[..<index].firstIndex(of: changes) else { return nil }
      return RunPlan.label(variants[index])
        + " changes the same as \(RunPlan.label(variants[twin]))."
    }
  }

  private static func cautions(_ a: Results, _ b: Results) -> [String] {
    guard let first = a.session, let second = b.session else { return [] }
    var cautions = [
      "The two were measured one after the other: what drifted between them is in the ratios."
    ]
    let (one, other) = (first.machine, second.machine)
    if one.hostName != other.hostName || one.processor != other.processor {
      cautions.append("They are of different machines: \(one.hostName), \(other.hostName).")
    }
    if one.kernel != other.kernel {
      cautions.append("They are of different kernels: \(one.kernel), \(other.kernel).")
    }
    if let quotas = one.quotas, let others = other.quotas, quotas != others {
      func text(_ quotas: [CPUQuota]) -> String {
        quotas.isEmpty ? "none" : quotas.map(\.description).joined(separator: ", ")
      }
      cautions.append("CPU quotas: \(text(quotas)) → \(text(others))")
    }
    let (before, after) = (first.plan, second.plan)
    if before.exchange != after.exchange || before.connections != after.connections
      || before.serverCPUs != after.serverCPUs || before.clientCPUs != after.clientCPUs
      || before.network != after.network || before.rate != after.rate
    {
      cautions.append("They differ in workload, connections, rate, CPUs or network.")
    }
    let isKnown = first.knowsNamespace && second.knowsNamespace
    for name in Machine.settingNames where isKnown || !Machine.isOfNamespace(name) {
      let (old, new) = (one.settings[name], other.settings[name])
      // What an older format did not record is no difference.
      if (old == nil || new == nil) && first.format != second.format { continue }
      if old != new { cautions.append("\(name): \(old ?? "absent") → \(new ?? "absent")") }
    }
    if !isKnown { cautions.append("Which sysctls of their namespaces differ is not recorded.") }
    return cautions
  }

  /// "1.08× [0.97–1.21]"
  package static func text(_ interval: Interval) -> String {
    "\(Format.fixed(interval.estimate, 2))× "
      + "[\(Format.fixed(interval.low, 2))–\(Format.fixed(interval.high, 2))]"
  }
}
