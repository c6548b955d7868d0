import Knobs
package import Tuning

/// A change that was made, and what it came to.
package struct ChangeDocument: Document {
  private let plan: Plan
  private let report: Tuner.Report

  package init(_ plan: Plan, _ report: Tuner.Report) {
    self.plan = plan
    self.report = report
  }

  package var lines: [String] {
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
    lines += plan.caveats.map { "note: \($0)" }
    let count = plan.changes.count
    lines.append(
      "\(count) change\(count == 1 ? "" : "s") made and read back. "
        + "Undo: rxtune rollback \(report.journal.id)")
    if case .awaiting(let deadline) = report.journal.state {
      lines.append("Rolled back at \(deadline) unless confirmed: rxtune confirm")
    }
    return lines
  }

  package static let shape = Record<ChangeDocument>([
    Field("id", "Id of the change, for rollback and confirm.", .string) { $0.report.journal.id },
    Field("state", "State of the change.", .journalState) {
      $0.report.journal.state
    },
    Field("plan", "The plan of the change.", Plan.shape) { $0.plan },
    Field("writes", "Number of values written.", .integer) { $0.report.outcome.writes },
    Field("requests", "Number of requests to the kernel.", .integer) {
      $0.report.outcome.requests
    },
    Field(
      "settled", "Settings for which the device settled on another value.",
      .array(of: SettingJSON.shape)
    ) { document in
      document.plan.changes.compactMap { change in
        document.report.outcome.settled[change.setting.key].map { value in
          Setting(change.setting.knob, at: change.setting.place, value)
        }
      }
    },
    Field(
      "kept", "Settings that the change reset and rxtune restored.", .array(of: SettingJSON.shape)
    ) {
      $0.report.outcome.kept
    },
  ]).shape
}
