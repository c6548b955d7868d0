/// Two results files held against each other.
package struct Comparison: Sendable {
  package enum Outcome: Hashable, Sendable { case faster, slower, cannotBeTold }

  package struct Row: Sendable {
    package var mode: ListenerMode
    package var workers: Int
    package var pairs: Int
    /// B's figures over A's, with a 95 % interval; all rows together.
    package var rate: Interval
    package var p99: Interval?
    package var cpu: Interval?

    package var outcome: Outcome {
      if rate.low > 1 { return .faster }
      if rate.high < 1 { return .slower }
      return .cannotBeTold
    }
  }

  package var rows: [Row]
  /// What keeps A and B from being alike apart from what was changed.
  package var cautions: [String]

  /// Pairs the runs of round i. They were not interleaved, so what drifted between the two
  /// sessions is in the ratio: said in `cautions`.
  package init(_ a: Results, _ b: Results) throws(BenchError) {
    let first = ModeSummary.all(a.runs)
    let second = ModeSummary.all(b.runs)
    let shared = second.compactMap { later in
      first.first { $0.mode == later.mode && $0.workers == later.workers }.map { ($0, later) }
    }
    guard !shared.isEmpty else {
      throw BenchError("the two results have no mode and number of workers in common")
    }
    let confidence = 1 - 0.05 / Double(shared.count)
    rows = shared.compactMap { before, after in
      func ratio(_ figure: (RunRecord) -> Double?) -> Interval? {
        Interval.pairedRatio(after.pairs(before, figure), confidence: confidence)
      }
      guard let rate = ratio(\.derived.rate) else { return nil }
      return Row(
        mode: after.mode, workers: after.workers,
        pairs: after.pairs(before, \.derived.rate).count, rate: rate,
        p99: ratio { $0.load.latency.map { Double($0.p99) } },
        cpu: ratio { run in
          run.derived.host.map { $0.user + $0.system + $0.softirq }
        })
    }
    guard !rows.isEmpty else {
      throw BenchError("too few runs to compare: two rounds of each are the least")
    }
    cautions = Self.cautions(a, b)
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
    let (before, after) = (first.plan, second.plan)
    if before.exchange != after.exchange || before.connections != after.connections
      || before.serverCPUs != after.serverCPUs || before.clientCPUs != after.clientCPUs
      || before.network != after.network || before.rate != after.rate
    {
      cautions.append("They differ in workload, connections, rate, CPUs or network.")
    }
    for name in Machine.settingNames where one.settings[name] != other.settings[name] {
      cautions.append(
        "\(name): \(one.settings[name] ?? "absent") → \(other.settings[name] ?? "absent")")
    }
    return cautions
  }

  /// "1.08× [0.97–1.21]"
  package static func text(_ interval: Interval) -> String {
    "\(Format.fixed(interval.estimate, 2))× "
      + "[\(Format.fixed(interval.low, 2))–\(Format.fixed(interval.high, 2))]"
  }

  package var sentences: [String] {
    rows.map { row in
      let subject = "\(row.mode.rawValue) with \(Verdict.workers(row.workers)): B is "
      let p99 = row.p99.map { "; p99 \(Self.text($0))" } ?? ""
      let cpu = row.cpu.map { "; CPU a transaction \(Self.text($0))" } ?? ""
      let figures = "\(Self.text(row.rate)) of A's throughput, \(row.pairs) pairs\(p99)\(cpu)"
      return switch row.outcome {
      case .faster: subject + "faster: \(figures)."
      case .slower: subject + "slower: \(figures)."
      case .cannotBeTold:
        "\(row.mode.rawValue) with \(Verdict.workers(row.workers)): cannot be told: \(figures)."
      }
    }
  }
}
