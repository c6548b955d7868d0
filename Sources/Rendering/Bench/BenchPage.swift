import Knobs
import Notation
package import Scaling

/// Results as one page that needs nothing else: no script, no font, no network.
package enum BenchPage {
  package static func html(_ results: Results) -> String {
    let summaries = ModeSummary.all(results)
    let most = summaries.map(\.workers).max() ?? 1
    let atMost = summaries.filter { $0.workers == most }
    var sections: [String] = []
    func add(_ title: String, _ body: String, note: String? = nil) {
      sections.append(section(title, body, note: note))
    }
    add("What the runs say", paragraphs(BenchText.sentences(results)))
    if let bypass = BypassVerdict(results) {
      add(
        "Compared with \(bypass.baseline.name)", BypassChart.svg(bypass, summaries),
        note: "Ratios of the same rounds; all intervals of a figure hold together with 95 %. Of "
          + "latency and CPU time less is better.")
    }
    add("What was changed", list(BenchText.changes(summaries)))
    add("Warnings", list(BenchText.warnings(results)))
    if !summaries.isEmpty {
      add(
        "Throughput by workers", ScalingChart.throughput.svg(summaries),
        note: "Bands are 95 % confidence intervals of the mean; dashed lines the fitted law.")
      if Set(summaries.map(\.workers)).count > 1 {
        add(
          "CPU time per transaction by workers", ScalingChart.processorTime.svg(summaries),
          note: "Of the whole host, with 95 % confidence bands. It holds on machines with few or "
            + "emulated CPUs, where throughput does not.")
      }
      add("Latency with \(Format.count(most, "worker"))", LatencyChart.svg(atMost))
      add(
        "CPU time per transaction with \(Format.count(most, "worker"))", ProcessorChart.svg(atMost),
        note: "Of the whole host: the kernel charges softirq to whoever it interrupted.")
      let stages = BenchText.sorted(results.stages)
      let stagesAtMost = stages.filter { $0.workers == stages.map(\.workers).max() }
      if let workers = stagesAtMost.first?.workers {
        add(
          "Stages of the receive path with \(Format.count(workers, "worker"))",
          StageChart.svg(stagesAtMost),
          note: "From a packet's first stamp in the kernel to the server's recv(2), traced.")
      }
      if most > 1 {
        add("Accept balance with \(Format.count(most, "worker"))", BalanceChart.svg(atMost))
      }
      add("The fitted law", laws(summaries))
      add("All figures", table(summaries, of: results))
      add("Waits for locks", locks(results.locks))
      if !stages.isEmpty {
        add(
          "Stages of the receive path",
          table(
            BenchText.stageColumns(stages), BenchText.stageRows(stages),
            BenchText.stageLegend(stages)))
      }
    }
    for breakdown in results.breakdowns {
      add(
        "Where the time goes: \(breakdown.exchange.workload.rawValue)",
        BreakdownChart.svg(breakdown)
          + table(
            BreakdownText.columns(breakdown).dropLast(),
            BreakdownText.rows(breakdown).map { Array($0.prefix(3 * breakdown.ends.count + 1)) },
            BreakdownText.legend),
        note: breakdown.counts.map(BreakdownText.counts))
    }
    if !results.floors.isEmpty {
      add(
        "Floors",
        table(
          BreakdownText.floorColumns, results.floors.map(BreakdownText.cells),
          BreakdownText.floorLegend))
    }
    if let session = results.session {
      add(
        "The machine",
        machine(session.machine, session.command, session.settings, session.receivePath))
    }
    return page(
      results, Chart.styleSheet(summaries) + StageChart.styleSheet(results.stages),
      sections.joined())
  }

  // MARK: Sections

  /// Nothing where there is nothing to show.
  static func section(_ title: String, _ body: String, note: String? = nil) -> String {
    guard !body.isEmpty else { return "" }
    let note = note.map { "<p class=\"note\">\(HTML.escape($0))</p>\n" } ?? ""
    return "<section>\n<h2>\(HTML.escape(title))</h2>\n\(body)\(note)</section>\n"
  }

  static func paragraphs(_ sentences: [String]) -> String {
    sentences.map { "<p>\(HTML.escape($0))</p>\n" }.joined()
  }

  static func list(_ lines: [String]) -> String {
    guard !lines.isEmpty else { return "" }
    let items = lines.map { line in
      let words = line.hasPrefix("warning: ") ? String(line.dropFirst(9)) : line
      return "<li>\(HTML.escape(words))</li>\n"
    }
    return "<ul>\n\(items.joined())</ul>\n"
  }

  private static func laws(_ summaries: [ModeSummary]) -> String {
    let lines = BenchText.fits(summaries)
    guard !lines.isEmpty else { return "" }
    return list(lines)
      + "<p class=\"note\">Universal Scalability Law X(N) = λN / (1 + α(N−1) + βN(N−1)), with 95 % "
      + "bootstrap intervals.</p>\n"
  }

  private static func table(_ summaries: [ModeSummary], of results: Results) -> String {
    let figures = BenchText.figures(summaries, of: results)
    return table(
      figures.map(\.column), summaries.map { summary in figures.map { $0.cell(summary) } },
      BenchText.legend(of: results))
  }

  private static func locks(_ records: [LockRecord]) -> String {
    guard !records.isEmpty else { return "" }
    return table(
      BenchText.lockColumns, BenchText.sorted(records).map(BenchText.cells),
      BenchText.lockLegend(records))
  }

  static func table(_ columns: [Table.Column], _ rows: [[String?]], _ legend: String) -> String {
    let head = columns.map { "<th>\(HTML.escape($0.title))</th>" }.joined()
    let lines = rows.map { cells in
      "<tr>" + cells.map { "<td>\(HTML.escape($0 ?? "–"))</td>" }.joined() + "</tr>\n"
    }
    return "<div class=\"wide\"><table>\n<tr>\(head)</tr>\n\(lines.joined())</table></div>\n"
      + "<p class=\"note\">\(HTML.escape(legend))</p>\n"
  }

  static func machine(
    _ machine: Machine, _ command: [String], _ settings: [String: String],
    _ receivePath: [String] = []
  ) -> String {
    var rows: [(String, String)] = [
      ("host", machine.hostName), ("kernel", "\(machine.kernel) \(machine.kernelBuild)"),
      ("processor", machine.processor ?? "unknown"),
      ("online CPUs", CPUSet(machine.onlineCPUs).list),
      ("NUMA nodes", "\(machine.numaNodes)"), ("virtual", machine.isVirtual ? "yes" : "no"),
    ]
    for quota in machine.quotas ?? [] { rows.append(("CPU quota", "\(quota)")) }
    if let memory = machine.memoryKilobytes { rows.append(("memory", "\(memory / 1024) MiB")) }
    rows.append(("command", command.joined(separator: " ")))
    for name in Machine.settingNames {
      if let value = settings[name] { rows.append((name, value)) }
    }
    let lines = rows.map {
      "<tr><th>\(HTML.escape($0.0))</th><td>\(HTML.escape($0.1))</td></tr>\n"
    }
    var html = "<table class=\"facts\">\n\(lines.joined())</table>\n"
    if !receivePath.isEmpty {
      html += "<h3>Its receive path at the time</h3>\n<div class=\"wide\"><pre>"
      html += HTML.escape(receivePath.joined(separator: "\n")) + "</pre></div>\n"
    }
    return html
  }

  /// "2026-11-23 15:04"; "–" of what is no moment.
  static func moment(_ seconds: Double) -> String {
    Int64(exactly: seconds.rounded(.down)).map { TimeStamp(seconds: $0).minute } ?? "–"
  }

  // MARK: Page

  private static func page(_ results: Results, _ colours: String, _ body: String) -> String {
    let session = results.session
    let title =
      session?.plan.bypass == nil ? "Listen sockets, measured" : "Kernel bypass, measured"
    let heading = session.map { BenchText.heading($0, results).split(separator: "\n") } ?? []
    let date = session.map { ["\(moment($0.started)) UTC, \($0.tool)"] } ?? []
    return page(title, heading.map(String.init) + date, colours, body)
  }

  /// - Parameter leads: lines below the title.
  static func page(_ title: String, _ leads: [String], _ colours: String, _ body: String) -> String
  {
    let lines = leads.map { "<p class=\"lead\">\(HTML.escape($0))</p>\n" }.joined()
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title)</title>
      <style>
      \(style)
      \(colours)</style>
      </head>
      <body>
      <h1>\(title)</h1>
      \(lines)\(body)</body>
      </html>

      """
  }

  private static let style = """
    :root { --ink: #1a1a1a; --soft: #666; --rule: #ddd; --page: #fff; --last: #000; }
    @media (prefers-color-scheme: dark) {
      :root { --ink: #e6e6e6; --soft: #a0a0a0; --rule: #3a3a3a; --page: #16181a; --last: #fff; }
    }
    body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page);
      max-width: 860px; margin: 2.5em auto; padding: 0 1em; }
    h1 { font-size: 1.7em; margin-bottom: .3em; }
    h2 { font-size: 1.15em; margin: 2.2em 0 .6em; }
    h3 { font-size: 1em; }
    p, ul { margin: .5em 0; max-width: 46em; }
    .lead, .note { color: var(--soft); margin: .2em 0; }
    .note { font-size: .87em; }
    svg { width: 100%; height: auto; display: block; }
    svg text { font-size: 12.5px; fill: var(--ink); }
    svg text.tick { fill: var(--soft); font-size: 11.5px; }
    svg text.name { fill: currentColor; }
    .grid { stroke: var(--rule); stroke-width: 1; }
    .axis { stroke: var(--soft); stroke-width: 1; }
    .even { stroke: var(--ink); stroke-width: 1; stroke-dasharray: 4 3; }
    .line { fill: none; stroke: currentColor; stroke-width: 2; }
    .law { fill: none; stroke: currentColor; stroke-width: 1; stroke-dasharray: 5 4; }
    .band { fill: currentColor; opacity: .1; }
    .dot, .share { fill: currentColor; }
    .user { fill: #0072b2; } .system { fill: #e69f00; } .softirq { fill: #d55e00; }
    .steal { fill: #999; }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; font-size: .85em; font-variant-numeric: tabular-nums; }
    th, td { padding: .25em .6em; border-bottom: 1px solid var(--rule); text-align: right;
      white-space: nowrap; }
    th { font-weight: 600; color: var(--soft); }
    td:first-child, th:first-child, .facts td { text-align: left; }
    .facts th { text-align: left; vertical-align: top; }
    .facts td { white-space: normal; overflow-wrap: anywhere; }
    pre { font-size: .8em; line-height: 1.35; }
    """
}
