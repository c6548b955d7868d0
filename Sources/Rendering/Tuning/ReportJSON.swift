import Knobs
package import Tuning

/// `--json` of a change that was made.
package enum ReportJSON {
  package static let shape = Record<(plan: Plan, report: Tuner.Report)>([
    Field("id", "The change, for rollback and confirm.", .string) { $0.report.journal.id },
    Field("state", "How it stands.", HistoryJSON.state) {
      HistoryJSON.word($0.report.journal.state)
    },
    Field("plan", "What was to be changed.", PlanJSON.shape) { $0.plan },
    Field("writes", "Values written.", .integer) { $0.report.outcome.writes },
    Field("requests", "Requests to the kernel that it took.", .integer) {
      $0.report.outcome.requests
    },
    Field(
      "settled", "Where the device has another value than was wanted.",
      .array(of: SettingJSON.shape)
    ) { plan, report in
      plan.changes.compactMap { change in
        report.outcome.settled[change.setting.key].map { value in
          Setting(change.setting.knob, at: change.setting.place, value)
        }
      }
    },
    Field("kept", "Reset by the change, and put back.", .array(of: SettingJSON.shape)) {
      $0.report.outcome.kept
    },
  ]).shape
}
