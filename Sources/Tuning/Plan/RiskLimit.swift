import Knobs

/// How much a change may disturb what runs: the least first.
package enum RiskLimit: String, Sendable, CaseIterable {
  /// It resets no other setting, and no packet is lost to it.
  case none
  case resets
  case flap

  /// What of a plan disturbs more than that.
  package func caveats(_ plan: Plan) -> [Caveat] {
    plan.changes.compactMap { change in
      let knob = change.setting.knob
      let risk: RiskLimit =
        knob.risks.contains(.flap) ? .flap : knob.risks.contains(.resets) ? .resets : .none
      guard risk.rank > rank else { return nil }
      return Caveat(
        .impossible, knob, at: change.setting.place,
        "its risk, \(risk.rawValue), is above --max-risk \(rawValue)",
        remedy: "Allow it with --max-risk \(risk.rawValue).")
    }
  }

  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
