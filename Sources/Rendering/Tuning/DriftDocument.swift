import Knobs
package import Notation
package import Tuning

/// `rxtune watch`: one thing that was found.
package struct DriftDocument: MarkedDocument {
  private let time: TimeStamp
  private let event: DriftWatch.Event

  package init(_ event: DriftWatch.Event, at time: TimeStamp) {
    self.time = time
    self.event = event
  }

  package var marked: [String] { ["\(time) \(sentence)"] }

  private var sentence: String {
    switch event.kind {
    case .drifted(let row):
      let culprit = row.culprit.map { "; culprit: \($0.words)" } ?? ""
      return "\(row.setting.description): wanted \(row.setting.value.description), "
        + "found \(Terminal.alarm(Self.found(row.found)))\(culprit)"
    case .healed(let setting): return "\(setting.description): holds again"
    case .repaired(let setting):
      return "\(setting.description): \(setting.value.description) restored"
    case .notRepaired(let setting, let why): return "\(setting.description): not restored: \(why)"
    case .contested(let setting):
      return "\(setting.description): another program keeps writing it; left alone for a minute"
    case .problem(let text), .note(let text): return text
    }
  }

  private static func found(_ found: Verification.Found) -> String {
    switch found {
    case .wanted: "the value set"
    case .other(let value): value.description
    case .unreadable(let why): "nothing readable (\(why))"
    }
  }

  // MARK: JSON

  package static let shape = Record<DriftDocument>(
    [
      Field("time", "Time of the event.", .string) { $0.time.description },
      Field(
        "event",
        "What happened to the setting, or problem, or note (a device was renamed).",
        .oneOf(["drifted", "healed", "repaired", "not-repaired", "contested", "problem", "note"])
      ) { word($0.event) },
      Field(optional: "setting", "The setting, with the value that should hold.", SettingJSON.shape)
      {
        setting($0.event)
      },
    ]
      + Verification.foundFields {
        if case .drifted(let row) = $0.event.kind { row } else { nil }
      } + [
        Field(optional: "reason", "Why the setting is not restored.", .string) {
          if case .notRepaired(_, let why) = $0.event.kind { why } else { nil }
        },
        Field(optional: "text", "The problem or note.", .string) {
          switch $0.event.kind {
          case .problem(let text), .note(let text): text
          default: nil
          }
        },
      ]
  ).shape

  private static func word(_ event: DriftWatch.Event) -> String {
    switch event.kind {
    case .drifted: "drifted"
    case .healed: "healed"
    case .repaired: "repaired"
    case .notRepaired: "not-repaired"
    case .contested: "contested"
    case .problem: "problem"
    case .note: "note"
    }
  }

  private static func setting(_ event: DriftWatch.Event) -> Setting? {
    switch event.kind {
    case .drifted(let row): row.setting
    case .healed(let setting), .repaired(let setting), .notRepaired(let setting, _),
      .contested(let setting):
      setting
    case .problem, .note: nil
    }
  }
}
