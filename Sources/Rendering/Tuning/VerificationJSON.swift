import Knobs
package import Tuning

/// `rxtune verify --json`.
package enum VerificationJSON {
  package static let shape = Record<Verification>([
    Field("good", "Whether every setting holds, and there was one to check.", .bool) { $0.isGood },
    Field("settings", "The settings checked.", .array(of: row)) { $0.rows },
    Field("notes", "Notes that are no fault, such as a renamed device.", .array(of: .string)) {
      $0.notes
    },
    Field("problems", "Problems of the whole check.", .array(of: .string)) { $0.problems },
  ]).shape

  private static let row = Record<Verification.Row>(
    SettingJSON.keyFields { $0.setting } + [
      Field("wanted", "The value set, as the device settled it.", .knobValue) { $0.setting.value }
    ] + foundFields { $0 } + [
      Field("as-wanted", "Whether the setting holds.", .bool) { $0.isAsWanted }
    ]
  ).shape

  /// The members that say what is there now.
  static func foundFields<Subject>(
    _ row: @escaping @Sendable (Subject) -> Verification.Row?
  ) -> [Field<Subject>] {
    [
      Field(optional: "found", "The value found.", .knobValue) {
        guard let row = row($0) else { return nil }
        return switch row.found {
        case .wanted: row.setting.value
        case .other(let value): value
        case .unreadable: nil
        }
      },
      Field(optional: "unreadable", "Why the value cannot be read.", .string) {
        if case .unreadable(let why) = row($0)?.found { why } else { nil }
      },
      Field(optional: "culprit", "What changed the setting.", CulpritJSON.shape) {
        row($0)?.culprit
      },
    ]
  }
}
