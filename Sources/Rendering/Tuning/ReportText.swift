import Knobs
package import Tuning

/// What a change came to, for people.
package struct ReportText {
  package let lines: [String]

  package init(_ plan: Plan, _ report: Tuner.Report) {
    var table = Table([.left("PLACE"), .left("KNOB"), .left("WAS"), .left("IS")])
    for change in plan.changes {
      let settled = report.outcome.settled[change.setting.key]
      let value = change.setting.value.description
      table.add([
        change.setting.placeName, change.setting.knob.id, change.old?.description,
        settled.map { "\($0.description) (wanted \(value))" } ?? value,
      ])
    }
    var lines = table.lines()
    for setting in report.outcome.kept {
      lines.append("\(setting.description) = \(setting.value.description): was reset; restored")
    }
    lines += plan.findings.map { "note: \($0)" }
    let count = plan.changes.count
    lines.append(
      "\(count) change\(count == 1 ? "" : "s") made and read back. "
        + "Undo: rxtune rollback \(report.journal.id)")
    if case .awaiting(let deadline) = report.journal.state {
      lines.append("Rolled back at \(deadline) unless confirmed: rxtune confirm")
    }
    self.lines = lines
  }
}
