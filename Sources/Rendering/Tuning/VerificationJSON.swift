import Knobs
package import Tuning

/// `rxtune verify --json`.
package enum VerificationJSON {
  package static let shape = Record<Verification>([
    Field("good", "All that was looked at is as wanted, and something was.", .bool) { $0.isGood },
    Field("settings", "What was looked at.", .array(of: row)) { $0.rows },
    Field("notes", "What is no fault: a device that was renamed.", .array(of: .string)) {
      $0.notes
    },
    Field("problems", "What stands against the whole.", .array(of: .string)) { $0.problems },
  ]).shape

  private static let row = Record<Verification.Row>(
    SettingJSON.keyFields { $0.setting } + [
      Field("wanted", "What was set, as the device settled it.", .knobValue) { $0.setting.value }
    ] + foundFields { $0 } + [
      Field("as-wanted", "It is so still.", .bool) { $0.isAsWanted }
    ]
  ).shape

  /// The members that say what is there now.
  static func foundFields<Subject>(
    _ row: @escaping @Sendable (Subject) -> Verification.Row?
  ) -> [Field<Subject>] {
    [
      Field(optional: "found", "What is there.", .knobValue) {
        guard let row = row($0) else { return nil }
        return switch row.found {
        case .wanted: row.setting.value
        case .other(let value): value
        case .unreadable: nil
        }
      },
      Field(optional: "unreadable", "Why it cannot be read.", .string) {
        if case .unreadable(let why) = row($0)?.found { why } else { nil }
      },
      Field(optional: "culprit", "What changed it.", CulpritJSON.shape) { row($0)?.culprit },
    ]
  }
}
