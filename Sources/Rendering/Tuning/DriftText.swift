import Knobs
package import Tuning

/// What a watch found, a line each.
package enum DriftText {
  package static func line(_ finding: DriftWatch.Finding) -> String {
    switch finding.kind {
    case .drifted(let row):
      let culprit = row.culprit.map { "; culprit: \($0.words)" } ?? ""
      return "\(row.setting.description): wanted \(row.setting.value.description), "
        + "found \(found(row.found))\(culprit)"
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
}
