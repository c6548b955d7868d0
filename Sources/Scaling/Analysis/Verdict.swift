/// What the runs allow to be said, in sentences, each from evidence that stands beside it.
package struct Verdict: Hashable, Sendable {
  /// What holds a mode back.
  package enum Bottleneck: String, Hashable, Sendable {
    case loadGenerator = "the load generator"
    case softirqOnOneCPU = "softirq on one CPU"
    case herd = "the thundering herd"
    case imbalance = "imbalance between workers"
    case listenLock = "the listen socket's lock"
    case acceptingThread = "the one accepting thread"
    case serverCPUs = "the server's CPUs"
    case sharedCPUs = "CPUs that server and client share"
    case offeredLoad = "the offered load"
    case cpuQuota = "a CPU quota"
  }

  package struct Finding: Hashable, Sendable {
    /// Of the summary that it is about.
    package var name: String
    package var bottleneck: Bottleneck
    package var evidence: String
  }

  package var sentences: [String]
  package var findings: [Finding]

  /// Runs, or pairs of them, without which nothing is said of a difference or a law.
  static let leastRounds = 3

  private static let percentiles99: @Sendable (RunRecord) -> Double? = {
    $0.load.latency.map { Double($0.p99) }
  }

  package init(_ results: Results) {
    let summaries = ModeSummary.all(results)
    let most = summaries.map(\.workers).max() ?? 1
    let atMost = summaries.filter { $0.workers == most }
    sentences = []
    findings = atMost.compactMap { Self.bottleneck($0, results) }
    guard !atMost.isEmpty else {
      sentences = ["Nothing was measured."]
      return
    }
    sentences += Self.disturbances(results.runs)
    if results.session?.plan.variants == nil {
      sentences += Self.comparisons(atMost, most)
    } else {
      let comparison = Comparison(variants: results)
      sentences +=
        comparison.rows.isEmpty
        ? ["Nothing can be compared: too few rounds have both."] : comparison.sentences
      sentences += comparison.cautions
    }
    sentences += Self.sentences(findings, most)
    sentences += Self.limits(results, summaries)
  }

  /// Modes that the same thing holds back share a sentence.
  private static func sentences(_ findings: [Finding], _ most: Int) -> [String] {
    var order: [Bottleneck] = []
    for finding in findings where !order.contains(finding.bottleneck) {
      order.append(finding.bottleneck)
    }
    return order.map { bottleneck in
      let group = findings.filter { $0.bottleneck == bottleneck }
      let name = bottleneck.rawValue
      if group.count == 1, let only = group.first {
        return "\(only.name) with \(workers(most)) is held back by \(name): "
          + "\(only.evidence)."
      }
      let parts = group.map { "\($0.name) (\($0.evidence))" }
      return "With \(workers(most)), held back by \(name): \(parts.joined(separator: ", "))."
    }
  }

  /// "1 worker", "2 workers"
  package static func workers(_ count: Int) -> String {
    count == 1 ? "1 worker" : "\(count) workers"
  }

  /// What else the machine did meanwhile, before anything is said of modes.
  private static func disturbances(_ runs: [RunRecord]) -> [String] {
    let disturbed = runs.filter { run in run.warnings.contains { $0.code == .otherLoad } }
    guard disturbed.count * 4 > runs.count,
      let most = disturbed.compactMap(\.derived.otherUserShare).max()
    else { return [] }
    return [
      "Other processes took up to \(Format.percent(most, 0)) of the CPUs during "
        + "\(disturbed.count) of \(runs.count) runs: what differs below may be their doing."
    ]
  }

  // MARK: Mode against mode

  /// The mode that the others are held against: the plainest of those measured.
  package static func baseline(_ summaries: [ModeSummary]) -> ModeSummary? {
    for mode in [ListenerMode.sharedEpoll, .sharedAccept, .sharedExclusive, .acceptor] {
      if let found = summaries.first(where: { $0.mode == mode }) { return found }
    }
    return summaries.first
  }

  private static func comparisons(_ summaries: [ModeSummary], _ workers: Int) -> [String] {
    guard let base = baseline(summaries) else { return [] }
    let others = summaries.filter { $0.mode != base.mode }
    guard !others.isEmpty else { return [] }
    return [
      comparison("throughput", others, base, workers, moreIsBetter: true, \.derived.rate),
      comparison("p99 latency", others, base, workers, moreIsBetter: false, percentiles99),
      comparison(
        "CPU time a transaction", others, base, workers, moreIsBetter: false, \.derived.cpu),
    ]
  }

  private static func comparison(
    _ name: String, _ others: [ModeSummary], _ base: ModeSummary, _ count: Int,
    moreIsBetter: Bool, _ figure: (RunRecord) -> Double?
  ) -> String {
    // Bonferroni: all intervals hold together with 95 %.
    let confidence = 1 - 0.05 / Double(others.count)
    let ratios = others.compactMap { other -> (mode: ListenerMode, ratio: Interval)? in
      let pairs = other.pairs(base, figure)
      guard pairs.count >= leastRounds else { return nil }
      return Interval.pairedRatio(pairs, confidence: confidence).map { (other.mode, $0) }
    }
    let place = "With \(workers(count))"
    guard !ratios.isEmpty else {
      return "\(place) \(name) cannot be compared: too few rounds have both modes."
    }
    let differing = ratios.filter { !$0.ratio.contains(1) }
    guard !differing.isEmpty else {
      let widest = ratios.max { abs($0.ratio.estimate - 1) < abs($1.ratio.estimate - 1) }
      let detail = widest.map {
        " (farthest: \($0.mode.name) at \(Comparison.text($0.ratio)))"
      }
      return "\(place) no mode differs from \(base.mode.name) in \(name) by more than the "
        + "runs differ among themselves\(detail ?? "")."
    }
    let parts = differing.map { "\($0.mode.name) \(Comparison.text($0.ratio))" }
    let best = differing.contains { ($0.ratio.low > 1) == moreIsBetter }
    return "\(place) \(name) differs from \(base.mode.name)'s: "
      + parts.joined(separator: ", ")
      + (best ? "." : "; none is better.")
  }

  // MARK: What holds a mode back

  private static func bottleneck(_ summary: ModeSummary, _ results: Results) -> Finding? {
    func finding(_ bottleneck: Bottleneck, _ evidence: String) -> Finding {
      Finding(name: summary.name, bottleneck: bottleneck, evidence: evidence)
    }
    let serverIdle = summary.mean(\.derived.serverIdle)
    let clientIdle = summary.mean(\.derived.clientIdle)
    if let rate = results.session?.plan.rate, summary.meanRate > 0.97 * rate {
      return finding(.offeredLoad, "all of \(Format.rate(rate))/s was served")
    }
    if let (throttling, share) = throttling(summary), share > 0.05 {
      return finding(
        .cpuQuota,
        "\(throttling.quota) was used up, and threads waited \(Format.percent(share, 0)) of the time"
      )
    }
    let isApart = summary.runs.allSatisfy {
      Set($0.serverCPUs).isDisjoint(with: $0.clientCPUs)
    }
    if let serverIdle, let clientIdle, isApart, clientIdle < RunCheck.full,
      serverIdle > clientIdle + 0.05
    {
      return finding(
        .loadGenerator,
        "its CPUs were \(Format.percent(clientIdle, 0)) idle, the server's "
          + "\(Format.percent(serverIdle, 0))")
    }
    if let (cpu, share, others) = busiestSoftirq(summary), share > 0.5, others < share / 2 {
      return finding(
        .softirqOnOneCPU,
        "CPU \(cpu) spent \(Format.percent(share, 0)) of its time in softirq, the other server "
          + "CPUs \(Format.percent(others, 0))")
    }
    if let empty = summary.mean(\.derived.emptyWakeUps), empty > 0.2 {
      return finding(
        .herd, "\(Format.fixed(empty, 2)) wake-ups a transaction found no connection")
    }
    if let balance = summary.mean({ $0.derived.balance?.maxOverMean }), balance > 1.3 {
      return finding(
        .imbalance, "the busiest worker had \(Format.fixed(balance, 2)) times an even share")
    }
    if let (share, microseconds) = listenLock(summary, results), share > 0.05 {
      return finding(
        .listenLock,
        "CPUs spun \(Format.fixed(microseconds, 1)) µs a transaction for it, "
          + "\(Format.percent(share, 0)) of their time")
    }
    if !isApart, let serverIdle, serverIdle < RunCheck.full {
      return finding(
        .sharedCPUs, "\(Format.percent(serverIdle, 0)) idle")
    }
    if let serverIdle, serverIdle < RunCheck.full {
      return finding(.serverCPUs, "\(Format.percent(serverIdle, 0)) idle")
    }
    return nil
  }

  /// The quota that held the server back most, and how long as a share of the time.
  private static func throttling(_ summary: ModeSummary) -> (CPUThrottling, Double)? {
    var most: (CPUThrottling, Double)?
    for host in summary.runs.map(\.server.host) where host.seconds > 0 {
      for throttling in host.throttling ?? [] {
        let share = Double(throttling.microseconds) / 1e6 / host.seconds
        if share > most?.1 ?? 0 { most = (throttling, share) }
      }
    }
    return most
  }

  /// What was waited for the listener, µs a transaction, and as a share of the CPU time of one.
  private static func listenLock(_ summary: ModeSummary, _ results: Results) -> (Double, Double)? {
    guard
      let record = results.locks.first(where: {
        $0.mode == summary.mode && $0.workers == summary.workers
      }), let wait = record.microseconds(\.listener),
      let cost = summary.mean(\.derived.cpu),
      cost > 0
    else { return nil }
    return (wait / cost, wait)
  }

  /// The server CPU with most softirq, its share, and the mean of the others'.
  private static func busiestSoftirq(_ summary: ModeSummary) -> (Int, Double, Double)? {
    var shares: [Int: Double] = [:]
    for run in summary.runs {
      for cpu in run.serverCPUs {
        guard let times = run.server.host.processors[cpu], times.total > 0 else { continue }
        shares[cpu, default: 0] +=
          Double(times.softirq) / Double(times.total) / Double(summary.runs.count)
      }
    }
    guard shares.count >= 2, let most = shares.max(by: { $0.value < $1.value }) else { return nil }
    let others = shares.filter { $0.key != most.key }.values
    return (most.key, most.value, others.reduce(0, +) / Double(others.count))
  }

  // MARK: What cannot be said

  private static func limits(_ results: Results, _ summaries: [ModeSummary]) -> [String] {
    var limits: [String] = []
    let cpus = results.session?.machine.onlineCPUs.count ?? 0
    if cpus > 0 && cpus < 4 {
      limits.append(
        "On \(cpus == 1 ? "1 CPU" : "\(cpus) CPUs") CPU time a transaction, latency and balance can "
          + "be compared; how throughput scales beyond them, and a listen lock that only many "
          + "CPUs contend for, cannot be told.")
    }
    if let plan = results.session?.plan, plan.network == .loopback {
      limits.append(
        "On loopback the sender's CPU runs the receive softirq, so nothing is said of RSS, RPS or "
          + "locality.")
    }
    if summaries.contains(where: { summary in
      summary.runs.contains { !Set($0.serverCPUs).isDisjoint(with: $0.clientCPUs) }
    }) {
      limits.append(
        "Server and client share CPUs: rates are of both halves together, and α counts the "
          + "client's CPU time as contention.")
    }
    let rounds = summaries.map { $0.runs.count }.min() ?? 0
    if rounds < leastRounds {
      limits.append(
        (rounds == 1 ? "1 round is" : "\(rounds) rounds are")
          + " too few to tell a difference from chance, or to fit a law of scaling.")
    }
    return limits
  }
}
