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
        "\(change.setting.place)", change.setting.knob.id, change.old?.description,
        settled.map { "\($0.description) (wanted \(value))" } ?? value,
      ])
    }
    var lines = table.lines()
    for setting in report.outcome.kept {
      lines.append("\(setting.description) = \(setting.value.description): was reset, and put back")
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

/// What a change came to, as JSON.
package enum ReportJSON {
  package static func document(_ plan: Plan, _ report: Tuner.Report) -> JSON {
    .object([
      "id": .string(report.journal.id),
      "state": .string(HistoryJSON.word(report.journal.state)),
      "plan": PlanJSON.document(plan),
      "writes": .integer(report.outcome.writes), "requests": .integer(report.outcome.requests),
      "settled": .array(
        plan.changes.compactMap { change in
          report.outcome.settled[change.setting.key].map { value in
            PlanJSON.setting(Setting(change.setting.knob, at: change.setting.place, value))
          }
        }),
      "kept": .array(report.outcome.kept.map(PlanJSON.setting)),
    ])
  }
}

/// Journals as JSON.
package enum HistoryJSON {
  package static func document(_ journals: [Journal]) -> JSON {
    .array(
      journals.map { journal in
        .object([
          "id": .string(journal.id), "started": .string(journal.started.description),
          "command": .string(journal.command), "state": .string(word(journal.state)),
          "devices": .strings(journal.devices.map(\.name)),
          "before": .array(journal.before.map(PlanJSON.setting)),
          "wanted": .array(journal.left.map(PlanJSON.setting)),
        ])
      })
  }

  package static func word(_ state: Journal.State) -> String {
    switch state {
    case .open: "interrupted"
    case .committed: "in force"
    case .awaiting: "awaiting confirmation"
    case .rolledBack: "rolled back"
    case .incomplete: "rolled back in part"
    }
  }
}

/// Journals for people, the newest first.
package struct HistoryText {
  package let lines: [String]

  /// - Parameter isOver: true for journals of another boot.
  package init(_ journals: [Journal], isOver: (Journal) -> Bool) {
    var table = Table([
      .left("ID"), .left("STARTED"), .left("STATE"), .right("CHANGES"), .left("COMMAND"),
    ])
    for journal in journals.reversed() {
      table.add([
        journal.id, journal.started.description,
        isOver(journal) ? "over (another boot or namespace)" : HistoryJSON.word(journal.state),
        "\(journal.wanted.count)", journal.command,
      ])
    }
    lines = journals.isEmpty ? ["No change is on record."] : table.lines()
  }
}
