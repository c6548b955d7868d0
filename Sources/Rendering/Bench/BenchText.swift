import Knobs
package import Scaling

/// Results for a terminal: a table, a small chart, the fit, the verdict, the warnings.
package enum BenchText {
  package static func text(_ results: Results) -> String {
    let summaries = ModeSummary.all(results)
    var parts: [String] = []
    if let session = results.session { parts.append(heading(session, results)) }
    parts += BreakdownText.parts(results)
    if !summaries.isEmpty {
      parts.append(table(summaries, of: results))
      parts.append(chart(summaries))
    }
    if let costs = costs(summaries) { parts.append(costs) }
    let fits = fits(summaries)
    if !fits.isEmpty { parts.append((fits + levelNote(summaries)).joined(separator: "\n")) }
    if !results.locks.isEmpty { parts.append(locks(results.locks)) }
    if !results.stages.isEmpty { parts.append(stages(sorted(results.stages))) }
    let changes = changes(summaries)
    if !changes.isEmpty { parts.append(changes.joined(separator: "\n")) }
    parts.append(sentences(results).joined(separator: "\n"))
    let warnings = warnings(results)
    if !warnings.isEmpty { parts.append(warnings.joined(separator: "\n")) }
    return parts.joined(separator: "\n\n") + "\n"
  }

  static func sentences(_ results: Results) -> [String] {
    // Breakdowns have runs of their own.
    (results.runs.isEmpty && !results.breakdowns.isEmpty
      ? [] : VerdictText.sentences(Verdict(results))) + BreakdownText.sentences(results)
  }

  static func heading(_ session: Session, _ results: Results) -> String {
    let plan = session.plan
    let breakdowns = results.breakdowns.map(\.exchange.workload)
    let workloads = (breakdowns.isEmpty ? [plan.exchange.workload] : breakdowns).map(\.rawValue)
    let isAnswered = plan.exchange.workload.isAnswered
    let load =
      plan.rate.map { "\(isAnswered ? "open loop at" : "sent at") \(Format.rate($0))/s" }
      ?? (isAnswered ? "closed loop" : "sent flat out")
    return """
      \(text(session.machine))
      \(workloads.joined(separator: " and ")), \(plan.connections) connections, \(load), \
      \(Format.fixed(plan.duration, 1)) s a run, \
      \(network(plan)), client CPUs \(list(plan.clientCPUs))
      """
  }

  /// "db7, Linux 6.18.4, AMD EPYC, 8 CPUs (virtual), CPU quota 2 CPUs (cgroup /db.service)"
  static func text(_ machine: Machine) -> String {
    var text =
      "\(machine.hostName), Linux \(machine.kernel), \(machine.processor ?? "unknown processor"), "
      + "\(machine.onlineCPUs.count) CPUs\(machine.isVirtual ? " (virtual)" : "")"
    for quota in machine.quotas ?? [] { text += ", CPU quota \(quota)" }
    return text
  }

  private static func network(_ plan: SweepPlan) -> String {
    let server = "server CPUs \(list(plan.serverCPUs))"
    return switch plan.network {
    case .namespaces: "veth pair between fresh namespaces, RPS; \(server)"
    case .loopback: "loopback; \(server)"
    case .remote: "to \((plan.targets ?? []).joined(separator: ", "))"
    }
  }

  static func list(_ cpus: [Int]) -> String { CPUSet(cpus).list }

  static func table(_ summaries: [ModeSummary], of results: Results = Results()) -> String {
    let figures = figures(summaries, of: results)
    var table = Table(figures.map(\.column))
    for summary in summaries { table.add(figures.map { $0.cell(summary) }) }
    return table.lines().joined(separator: "\n") + "\n" + legend(of: results)
  }

  static func legend(of results: Results) -> String {
    results.session?.plan.bypass == nil ? legend : BypassText.legend
  }

  private static let legend =
    "user, system, softirq: µs of CPU per transaction over the whole host; idle s/c: % of the server's "
    + "and the client's CPUs; least: of the server's least idle one; capacity: the server's were full "
    + "and the client's not; empty: wake-ups per transaction that found nothing; local: packets "
    + "received on the worker's CPU (unknown for UDP)"

  static func figures(_ summaries: [ModeSummary], of results: Results) -> [BenchFigure] {
    if results.session?.plan.bypass != nil { return BypassText.figures(results) }
    let isOneWay = summaries.contains { $0.mean(\.derived.offered) != nil }
    return [
      BenchFigure(.left("mode")) { $0.name },
      BenchFigure(.right("workers")) { "\($0.workers)" },
      .runs, .rate, .precision,
    ] + (isOneWay ? BenchFigure.flow : []) + [
      .latency("p50") { $0.p50 }, .latency("p99") { $0.p99 }, .latency("p99.9") { $0.p999 },
      .mean("user", 1) { $0.derived.host?.user },
      .mean("system", 1) { $0.derived.host?.system },
      .mean("softirq", 1) { $0.derived.host?.softirq },
      .idle,
      BenchFigure(.right("least")) { $0.mean(\.leastServerIdle).map { Format.fixed($0 * 100, 0) } },
      BenchFigure(.right("capacity")) { $0.isCapacity ? "yes" : nil },
      .mean("Jain", 3) { $0.derived.balance?.jain },
      .mean("empty", 2, \.derived.emptyWakeUps),
      BenchFigure(.right("local")) { $0.mean(\.derived.locality).map { Format.percent($0, 0) } },
    ]
  }

  /// A bar for each mode and number of workers; the whisker is the interval.
  static func chart(_ summaries: [ModeSummary]) -> String {
    let width = 40
    let most = summaries.map { $0.rate?.high ?? $0.meanRate }.max() ?? 0
    guard most > 0 else { return "" }
    let names = summaries.map { "\($0.name) \($0.workers)" }
    let nameWidth = names.map(\.count).max() ?? 0
    return zip(names, summaries).map { name, summary in
      func cells(_ value: Double) -> Int { max(0, min(width, Int(value / most * Double(width)))) }
      var bar = Array(repeating: Character(" "), count: width + 1)
      for cell in 0..<cells(summary.meanRate) { bar[cell] = "█" }
      if let rate = summary.rate {
        let (low, high) = (cells(rate.low), cells(rate.high))
        for cell in low...max(low, high) { bar[cell] = cell < cells(summary.meanRate) ? "▓" : "─" }
      }
      let padding = String(repeating: " ", count: nameWidth - name.count)
      return "\(name)\(padding)  \(String(bar))  \(Format.rate(summary.meanRate))/s"
    }.joined(separator: "\n")
  }

  /// CPU time by workers; nil where there is but one number of them.
  private static func costs(_ summaries: [ModeSummary]) -> String? {
    let counts = Set(summaries.map(\.workers)).sorted()
    guard counts.count > 1, summaries.contains(where: { $0.mean(\.derived.cpu) != nil }) else {
      return nil
    }
    var table = Table([.left("CPU time")] + counts.map { .right(Format.count($0, "worker")) })
    for line in ModeSummary.lines(summaries) {
      table.add(
        [line.first?.name]
          + counts.map { count in line.first { $0.workers == count }.flatMap(cost) })
    }
    return table.lines().joined(separator: "\n")
      + "\nµs of CPU per transaction over the whole host, with 95 % confidence intervals"
  }

  /// "93.1 [89.7–96.5]"
  private static func cost(_ summary: ModeSummary) -> String? {
    summary.cpu.map { interval($0, 1) } ?? summary.mean(\.derived.cpu).map { Format.fixed($0, 1) }
  }

  static func interval(_ value: Interval, _ decimals: Int) -> String {
    "\(Format.fixed(value.estimate, decimals)) "
      + "[\(Format.fixed(value.low, decimals))–\(Format.fixed(value.high, decimals))]"
  }

  static func fits(_ summaries: [ModeSummary]) -> [String] {
    ModeSummary.lines(summaries).compactMap { line in
      guard let name = line.first?.name else { return nil }
      return ModeSummary.fit(line).map { "\(name): \(text($0))" }
    }
  }

  private static func levelNote(_ summaries: [ModeSummary]) -> [String] {
    Set(summaries.filter(\.hasCPUs).map(\.workers)).count >= 3
      ? [] : ["Two worker counts cannot show coherency β or a peak; use three or more."]
  }

  static func text(_ fit: ScalingFit) -> String {
    var text = "contention α \(interval(fit.alpha, 3))"
    guard fit.levels >= 3 else { return text }
    text += ", coherency β \(interval(fit.beta, 4))"
    if let peak = fit.peak { return text + ", peak at N* \(interval(peak, 0)) workers" }
    return text + (fit.beta.high > 0 ? "; whether there is a peak is unknown" : ", no peak")
  }

  /// What each state of the host changed, where states are held against each other.
  static func changes(_ summaries: [ModeSummary]) -> [String] {
    var told: Set<String> = []
    return summaries.compactMap { summary in
      guard let variant = summary.variant, let changes = summary.runs.first?.changes,
        !changes.isEmpty, told.insert(variant).inserted
      else { return nil }
      return "\(SweepPlan.label(variant)): " + changes.joined(separator: "; ")
    }
  }

  static let lockColumns: [Table.Column] = [
    .left("locks"), .right("workers"), .right("accept"), .right("queue"), .right("wake-up"),
    .right("listener"), .right("all locks"),
  ]

  static func lockLegend(_ records: [LockRecord]) -> String {
    let lost = records.map { record in
      record.wait.lost.map { Double($0.nanoseconds) / Double(max(1, record.wait.total)) } ?? 0
    }
    let most = lost.max() ?? 0
    return "µs per transaction that CPUs spun for locks, in a traced run of its own: in accept(2), "
      + "where a handshake joins the accept queue, where a sleeper is woken; the three together; "
      + "all locks"
      + (most > 0.001 ? ", up to \(Format.percent(most, 1)) of it unattributed" : "")
  }

  static func cells(_ record: LockRecord) -> [String?] {
    let parts: [(LockWait) -> UInt64] = [
      \.accept.nanoseconds, \.queue.nanoseconds, \.wakeUp.nanoseconds, \.listener, \.total,
    ]
    return [record.mode.name, "\(record.workers)"]
      + parts.map { record.microseconds($0).map { Format.fixed($0, 3) } }
  }

  private static func locks(_ records: [LockRecord]) -> String {
    var table = Table(lockColumns)
    for record in sorted(records) { table.add(cells(record)) }
    return table.lines().joined(separator: "\n") + "\n" + lockLegend(records)
  }

  static func sorted<Record: TracedRecord>(_ records: [Record]) -> [Record] {
    ListenerMode.all.flatMap { mode in
      records.filter { $0.mode == mode }.sorted { $0.workers < $1.workers }
    }
  }

  /// Each kind of warning once, with how often it came.
  package static func warnings(_ results: Results) -> [String] {
    Warning.Code.allCases.flatMap { code -> [String] in
      let general = results.warnings.filter { $0.code == code }
      let ofRuns = results.runs.flatMap { run in run.warnings.filter { $0.code == code } }
      guard let first = general.first ?? ofRuns.first else { return [] }
      // Each is of a mode of its own.
      if code == .modeUnavailable { return general.map { "warning: \($0.text)" } }
      if general.count + ofRuns.count == 1 { return ["warning: \(first.text)"] }
      let count =
        general.isEmpty
        ? "in \(ofRuns.count) of \(results.runs.count) runs" : "\(general.count) times"
      return ["warning: \(code.rawValue) \(count) (first: \(first.detail)); \(code.advice)"]
    }
  }
}
