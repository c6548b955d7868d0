import Knobs
import Notation
package import Tuning

/// A change that was made, and what it came to; or that there was nothing to do.
package struct ChangeDocument: MarkedDocument {
  private let plan: Plan
  /// nil where nothing was written.
  private let report: Tuner.Report?

  package init(_ made: Changes.Made) {
    plan = made.plan
    report = made.report
  }

  package var marked: [String] {
    guard let report else { return plan.marked }
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

  private static let unchanged = "unchanged"

  package static let shape = Record<ChangeDocument>([
    Field(
      "state", "State of the change; unchanged: there was nothing to do, and there is no change.",
      .oneOf([unchanged] + Journal.State.allWords)
    ) { $0.report?.journal.state.word ?? unchanged },
    Field(optional: "id", "Id of the change, for rollback and confirm.", .string) {
      $0.report?.journal.id
    },
    Field(optional: "label", "The caller's label.", .string) { $0.report?.journal.label },
    Field(optional: "deadline", "When it is rolled back unless confirmed.", .string) {
      $0.report?.journal.deadline?.description
    },
    Field("plan", "The plan of the change.", Plan.shape) { $0.plan },
    Field("writes", "Number of values written.", .integer) { $0.report?.outcome.writes ?? 0 },
    Field("requests", "Number of requests to the kernel.", .integer) {
      $0.report?.outcome.requests ?? 0
    },
    Field(
      "settled", "Settings for which the device settled on another value.",
      .array(of: SettingJSON.shape)
    ) { document in
      guard let settled = document.report?.outcome.settled else { return [] }
      return document.plan.changes.compactMap { change in
        settled[change.setting.key].map { value in
          Setting(change.setting.knob, at: change.setting.place, value)
        }
      }
    },
    Field(
      "kept", "Settings that the change reset and rxtune restored.", .array(of: SettingJSON.shape)
    ) { $0.report?.outcome.kept ?? [] },
  ]).shape
}
