import Knobs
package import Tuning

/// A plan for people: what would change, in write order, why, and what stands in the way.
package struct PlanText {
  package let lines: [String]

  package init(_ plan: Plan) {
    var lines: [String] = []
    if !plan.changes.isEmpty {
      var table = Table([
        .left("PLACE"), .left("KNOB"), .left("NOW"), .left("WANTED"), .left("RISK"),
      ])
      for change in plan.changes {
        table.add([
          change.setting.placeName, change.setting.knob.id, change.old?.description,
          change.setting.value.description, Self.risks(change.setting.knob),
        ])
      }
      lines += table.lines()
      lines += Self.reasons(plan)
      lines += Self.resets(plan)
    }
    lines += Self.lines(plan.findings)
    lines.append(Self.summary(plan))
    self.lines = lines
  }

  package static func lines(_ findings: [Finding]) -> [String] {
    FindingGroup.groups(findings).map { "\(mark($0.first.severity)) \($0.sentence)" }
  }

  private static func mark(_ severity: Finding.Severity) -> String {
    switch severity {
    case .note: "note:"
    case .danger: "danger:"
    case .impossible: "error:"
    }
  }

  private static func risks(_ knob: Knob) -> String? {
    let risks = Knob.Risk.allCases.filter { knob.risks.contains($0) }.map(\.rawValue)
    return risks.isEmpty ? nil : risks.joined(separator: ", ")
  }

  /// Once a knob, in the order of the changes.
  private static func reasons(_ plan: Plan) -> [String] {
    var seen: Set<String> = []
    var lines: [String] = []
    for change in plan.changes where seen.insert(change.setting.knob.id).inserted {
      guard let why = change.reason.why else { continue }
      let source = change.reason.source.map { " (\($0))" } ?? ""
      let policy = change.reason.policy.map { "\($0): " } ?? ""
      lines.append("  \(change.setting.knob.id): \(policy)\(why)\(source)")
    }
    return lines.isEmpty ? [] : ["Why:"] + lines
  }

  private static func resets(_ plan: Plan) -> [String] {
    var seen: Set<String> = []
    var lines: [String] = []
    for change in plan.changes {
      let knob = change.setting.knob
      // What the device has none of is not worth a word.
      guard plan.before.contains(where: { knob.resets($0.knob) }),
        seen.insert(knob.id).inserted
      else { continue }
      let what = knob.invalidates.map(\.description)
      let line =
        "Changing \(knob.id) may reset \(what.joined(separator: ", ")); rxtune restores them"
      let left = leftAlone(by: knob, plan)
      let except = left.joined(separator: ", ")
      lines.append(
        left.isEmpty
          ? line + "."
          : isThereToOverwrite(knob)
            ? line
              + ", except \(except), which it is meant to overwrite; a rollback restores those too."
            : line + ", except \(except) (left to the driver; a rollback restores those too).")
    }
    return lines
  }

  /// Knobs that stay as a change of `knob` leaves them.
  private static func leftAlone(by knob: Knob, _ plan: Plan) -> [String] {
    let left = Set(plan.leftAlone.map(\.knob))
    let writers = plan.changes.map(\.setting.knob)
    return knob.invalidates.flatMap(\.knobs).filter { other in
      left.contains(other)
        && (knob.overwrites(other) || !writers.contains { $0.overwrites(other) })
    }.map(\.id).sorted()
  }

  /// Rather than a driver that counts its queues anew.
  private static func isThereToOverwrite(_ knob: Knob) -> Bool {
    if case .deviceFile = knob.access { return true }
    return knob.group == .coalesce || knob == .featureNTupleFilter
  }

  private static func summary(_ plan: Plan) -> String {
    let changes = plan.changes.count
    let satisfied = plan.satisfied.isEmpty ? "" : "; \(plan.satisfied.count) already set"
    return switch changes {
    case 0 where !plan.blockers.isEmpty: "Not possible as it stands\(satisfied)."
    case 0: "Nothing to change\(satisfied)."
    case 1: "1 change\(satisfied)."
    default: "\(changes) changes\(satisfied)."
    }
  }
}
