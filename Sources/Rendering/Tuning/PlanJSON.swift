import Knobs
import ReceivePath
package import Tuning

/// `rxtune plan --json`, and `--dry-run --json` of what changes something.
package enum PlanJSON {
  package static let shape = Record<Plan>([
    Field("changes", "What would be written, in that order.", .array(of: change)) { $0.changes },
    Field("satisfied", "Wanted, and already so.", .array(of: SettingJSON.shape)) { $0.satisfied },
    Field("findings", "What its reader must know before.", .array(of: finding)) { $0.findings },
    Field(
      "left-to-driver", "As it is now; reset by a change, and put back by a rollback only.",
      .array(of: SettingJSON.shape)
    ) { $0.leftAlone },
  ]).shape

  private static let change = Record<Change>(
    SettingJSON.keyFields { $0.setting } + [
      Field(optional: "old", "What is there; left out where its place is not.", .knobValue) {
        $0.old
      },
      Field("wanted", "What would be written.", .knobValue) { $0.setting.value },
      Field("risks", "What it puts at risk.", .array(of: .string)) { change in
        Knob.Risk.allCases.filter { change.setting.knob.risks.contains($0) }.map(\.rawValue)
      },
      Field("invalidates", "Knobs, or groups of them, that it resets.", .array(of: .string)) {
        $0.setting.knob.invalidates.map(\.word)
      },
      Field(optional: "policy", "The policy that the value came of.", .string) {
        $0.reason.policy
      },
      Field(optional: "why", "The reason, in the profile's words.", .string) { $0.reason.why },
      Field(optional: "source", "Where the reason is from.", .string) { $0.reason.source },
    ]
  ).shape

  static let finding = Record<Finding>([
    Field(
      "severity", "note; danger: refused without --force; impossible.",
      .oneOf(Finding.Severity.allCases.map(\.rawValue))
    ) { $0.severity.rawValue },
    Field("subject", "What it is about.", .string) { $0.subject },
    Field(optional: "knob", "The knob, where it is about one.", .string) { $0.knob?.id },
    Field(optional: "place", "Where, if it is about a value's place.", SettingJSON.place) {
      guard let knob = $0.knob, let place = $0.place else { return nil }
      return Setting.Key(knob: knob.id, place: place)
    },
    Field("text", "What there is to know.", .string) { $0.text },
    Field(optional: "remedy", "What to do about it.", .string) { $0.remedy },
  ]).shape
}
