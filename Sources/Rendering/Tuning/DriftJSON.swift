package import Notation
package import Tuning

/// `rxtune watch --json`: a line for each thing found.
package enum DriftJSON {
  package static let shape = Record<(time: TimeStamp, finding: DriftWatch.Finding)>(
    [
      Field("time", "Time of the event.", .string) { $0.time.description },
      Field(
        "event",
        "What happened to the setting, or problem, or note (a device was renamed).",
        .oneOf(["drifted", "healed", "repaired", "not-repaired", "contested", "problem", "note"])
      ) { event($0.finding) },
      Field(optional: "setting", "The setting, with the value that should hold.", SettingJSON.shape)
      {
        setting($0.finding)
      },
    ]
      + VerificationJSON.foundFields {
        if case .drifted(let row) = $0.finding.kind { row } else { nil }
      } + [
        Field(optional: "reason", "Why the setting is not restored.", .string) {
          if case .notRepaired(_, let why) = $0.finding.kind { why } else { nil }
        },
        Field(optional: "text", "The problem or note.", .string) {
          switch $0.finding.kind {
          case .problem(let text), .note(let text): text
          default: nil
          }
        },
      ]
  ).shape

  private static func event(_ finding: DriftWatch.Finding) -> String {
    switch finding.kind {
    case .drifted: "drifted"
    case .healed: "healed"
    case .repaired: "repaired"
    case .notRepaired: "not-repaired"
    case .contested: "contested"
    case .problem: "problem"
    case .note: "note"
    }
  }

  private static func setting(_ finding: DriftWatch.Finding) -> Setting? {
    switch finding.kind {
    case .drifted(let row): row.setting
    case .healed(let setting), .repaired(let setting), .notRepaired(let setting, _),
      .contested(let setting):
      setting
    case .problem, .note: nil
    }
  }
}
