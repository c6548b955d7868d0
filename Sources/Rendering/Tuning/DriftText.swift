import Knobs
package import Tuning

/// What a watch found, a line each.
package enum DriftText {
  package static func line(_ finding: DriftWatch.Finding) -> String {
    switch finding.kind {
    case .drifted(let row):
      let probably = row.suspicion.map { "; probably \($0)" } ?? ""
      return "\(row.setting.description): wanted \(row.setting.value.description), "
        + "found \(found(row.found))\(probably)"
    case .healed(let setting): return "\(setting.description): as wanted again"
    case .repaired(let setting):
      return "\(setting.description): \(setting.value.description) put back"
    case .notRepaired(let setting, let why): return "\(setting.description): not put back: \(why)"
    case .contested(let setting):
      return "\(setting.description): another program keeps writing it; left alone for a minute"
    case .problem(let text): return text
    }
  }

  package static func json(_ finding: DriftWatch.Finding, at time: TimeStamp) -> JSON {
    func event(_ kind: String, _ setting: Setting?, _ more: [JSON.Member] = []) -> JSON {
      var members: [JSON.Member] = [
        .init(key: "time", value: .string(time.description)),
        .init(key: "event", value: .string(kind)),
      ]
      if let setting {
        members.append(.init(key: "setting", value: PlanJSON.setting(setting)))
      }
      return .object(members + more)
    }
    switch finding.kind {
    case .drifted(let row):
      var more = [JSON.Member(key: "found", value: .string(found(row.found)))]
      if let suspicion = row.suspicion {
        more.append(.init(key: "probably", value: .string(suspicion)))
      }
      return event("drifted", row.setting, more)
    case .healed(let setting): return event("healed", setting)
    case .repaired(let setting): return event("repaired", setting)
    case .notRepaired(let setting, let why):
      return event("not-repaired", setting, [.init(key: "reason", value: .string(why))])
    case .contested(let setting): return event("contested", setting)
    case .problem(let text):
      return event("problem", nil, [.init(key: "text", value: .string(text))])
    }
  }

  private static func found(_ found: Verification.Found) -> String {
    switch found {
    case .wanted: "as wanted"
    case .other(let value): value.description
    case .unreadable(let why): "nothing readable (\(why))"
    }
  }
}
