import Knobs
package import Tuning

/// `--json` of a change that was made.
package enum ReportJSON {
  package static let shape = Record<(plan: Plan, report: Tuner.Report)>([
    Field("id", "Id of the change, for rollback and confirm.", .string) { $0.report.journal.id },
    Field("state", "State of the change.", HistoryJSON.state) {
      HistoryJSON.word($0.report.journal.state)
    },
    Field("plan", "The plan of the change.", PlanJSON.shape) { $0.plan },
    Field("writes", "Number of values written.", .integer) { $0.report.outcome.writes },
    Field("requests", "Number of requests to the kernel.", .integer) {
      $0.report.outcome.requests
    },
    Field(
      "settled", "Settings for which the device settled on another value.",
      .array(of: SettingJSON.shape)
    ) { plan, report in
      plan.changes.compactMap { change in
        report.outcome.settled[change.setting.key].map { value in
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
