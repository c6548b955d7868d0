package import Scaling

/// `rxtune improve`: what was tried, what came of it, and what helps.
package struct SearchDocument: Document {
  let report: SearchReport

  package init(_ report: SearchReport) {
    self.report = report
  }

  package static let shape = SearchJSON.shape.from { (document: SearchDocument) in document.report }

  package var lines: [String] {
    var lines = [heading]
    if !report.tried.isEmpty { lines += [""] + table.lines() }
    for (title, reasons) in [("Not tried:", untried), ("Given up:", reasons)] where !reasons.isEmpty
    {
      lines += ["", title] + reasons.map { "  \(Terminal.printable($0))" }
    }
    lines += [""] + verdict
    lines += report.warnings.map { $0.text }
    return lines
  }

  /// "rings.rx=4096: it is so already"
  var untried: [String] { report.untried.map { "\($0.name): \($0.reason)" } }

  /// Why candidates were given up.
  var reasons: [String] {
    report.tried.compactMap { row in row.reason.map { "\(name(row.candidate)): \($0)" } }
  }

  private func name(_ candidate: Int) -> String { report.plan.candidates[candidate].name }

  var heading: String {
    let count = Format.count(report.tried.count, "candidate")
    return "\(count) for \(SearchText.aim(report.plan.goal)): \(report.session.workload), "
      + "\(SearchText.time(report.outcome.spent))"
  }

  private var table: Table {
    var table = Table(Self.columns)
    for row in rows { table.add(row) }
    return table
  }

  static let columns: [Table.Column] = [
    .left("CANDIDATE"), .left("OUTCOME"), .right("GAIN"), .right("ROUNDS"),
  ]

  var rows: [[String?]] {
    report.tried.map { row in
      [
        name(row.candidate), row.fate.rawValue, row.gain.flatMap(SearchText.percent),
        String(row.rounds),
      ]
    }
  }

  var verdict: [String] {
    let outcome = report.outcome
    var lines: [String] = []
    switch outcome.verdict {
    case .helps, .trade: lines += win
    case .nothing:
      let least = Format.percent(report.plan.leastEffect)
      lines.append("Nothing helps: no candidate gains \(least) or more.")
    case .untold: lines.append(untold)
    case .failed: lines.append("The base could not be measured: \(outcome.failure ?? "no figure").")
    case .disturbed:
      lines.append(
        "Too much else goes on here: \(outcome.failure ?? "trials were disturbed"), the last of "
          + "\(Search.patience) trials in a row that came to nothing. Try: a quiet machine, or a higher "
          + "--most-noise")
    }
    if let interruption = report.interruption { lines.append("\(interruption).") }
    if let saved = report.saved { lines.append("Saved as \(saved).") }
    if !report.kept.isEmpty {
      lines.append("In force: \(report.kept.joined(separator: ", ")). Undo: rxtune rollback")
    } else {
      lines.append("All settings are as they were.")
    }
    return lines
  }

  private var win: [String] {
    guard let duel = report.outcome.duel else { return [] }
    let names = report.winners.map(name).joined(separator: " with ")
    let gain = SearchText.percent(duel.gain) ?? ""
    var sentence =
      "\(names) \(report.outcome.verdict == .trade ? "is a trade" : "helps"): "
      + "\(SearchText.figure(report.plan.goal)) better by \(gain) in "
      + "\(Format.count(duel.rounds, "fresh round")) of it against the base"
    let costs = duel.costs.sorted { $0.key < $1.key }.compactMap(SearchText.cost)
    if !costs.isEmpty { sentence += "; \(costs.joined(separator: ", "))" }
    var lines = [sentence + "."]
    if !duel.trades.isEmpty {
      lines.append(
        "It costs more than \(Format.percent(report.plan.tolerance)) of "
          + "\(duel.trades.map(SearchText.costName).joined(separator: " and ")).")
    }
    if report.kept.isEmpty, report.saved == nil {
      let words = report.settings.map(SearchText.quoted) + report.session.devices
      lines.append("Set it: rxtune set \(words.joined(separator: " "))")
    }
    return lines
  }

  private var untold: String {
    let undecided = report.outcome.rows.filter { $0.fate == .undecided }.count
    if let duel = report.outcome.duel {
      let names = duel.candidates.map { name($0) }.joined(separator: " with ")
      return "Cannot be told: \(names) changes \(SearchText.figure(report.plan.goal)) by "
        + "\(SearchText.percent(duel.gain) ?? "") in \(Format.count(duel.rounds, "fresh round")). "
        + "Try a longer --budget."
    }
    return "Cannot be told of \(Format.count(undecided, "candidate")) within "
      + "\(SearchText.time(report.plan.budget)). Try a longer --budget, or fewer with --among."
  }
}
