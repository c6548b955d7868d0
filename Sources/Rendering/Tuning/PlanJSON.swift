import Knobs
import ReceivePath
package import Tuning

/// `rxtune plan --json`, and `--dry-run --json` of what changes something.
package enum PlanJSON {
  package static let shape = Record<Plan>([
    Field("changes", "The writes, in order.", .array(of: change)) { $0.changes },
    Field("satisfied", "Settings that already hold.", .array(of: SettingJSON.shape)) {
      $0.satisfied
    },
    Field("findings", "Findings to read before applying.", .array(of: finding)) { $0.findings },
    Field(
      "left-to-driver", "Current values that a change resets; only a rollback restores them.",
      .array(of: SettingJSON.shape)
    ) { $0.leftAlone },
  ]).shape

  private static let change = Record<Change>(
    SettingJSON.keyFields { $0.setting } + [
      Field(
        optional: "old", "The current value; omitted if its place does not exist yet.", .knobValue
      ) {
        $0.old
      },
      Field("wanted", "The value to write.", .knobValue) { $0.setting.value },
      Field("risks", "Risks of the write.", .array(of: .string)) { change in
        Knob.Risk.allCases.filter { change.setting.knob.risks.contains($0) }.map(\.rawValue)
      },
      Field("invalidates", "Knobs, or groups of them, that the write resets.", .array(of: .string))
      {
        $0.setting.knob.invalidates.map(\.word)
      },
      Field(optional: "policy", "The policy that chose the value.", .string) {
        $0.reason.policy
      },
      Field(optional: "why", "The profile's reason.", .string) { $0.reason.why },
      Field(optional: "source", "Source of the reason.", .string) { $0.reason.source },
    ]
  ).shape

  static let finding = Record<Finding>([
    Field(
      "severity", "note, danger (refused without --force) or impossible.",
      .oneOf(Finding.Severity.allCases.map(\.rawValue))
    ) { $0.severity.rawValue },
    Field("subject", "Subject of the finding.", .string) { $0.subject },
    Field(optional: "knob", "The knob concerned, if there is one.", .string) { $0.knob?.id },
    Field(optional: "place", "The place concerned, if there is one.", PlaceJSON.shape) { finding in
      finding.place.map { PlaceJSON(finding.knob, at: $0) }
    },
    Field("text", "Text of the finding.", .string) { $0.text },
    Field(optional: "remedy", "What to do about it.", .string) { $0.remedy },
  ]).shape
}
