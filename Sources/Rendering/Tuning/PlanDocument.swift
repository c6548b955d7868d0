import Knobs
import ReceivePath
package import Tuning

/// What would change, in write order, why, and what stands in the way.
extension Plan: MarkedDocument {
  package var marked: [String] {
    var lines: [String] = []
    if !changes.isEmpty {
      var table = Table([
        .left("PLACE"), .left("KNOB"), .left("NOW"), .left("WANTED"), .left("RISK"),
      ])
      for change in changes {
        table.add([
          change.setting.placeName, change.setting.knob.id, change.old?.description,
          change.setting.value.description, Self.risks(change.setting.knob),
        ])
      }
      lines += table.lines() + reasons + resets
    }
    return lines + CaveatGroup.lines(caveats) + [summary]
  }

  private static func risks(_ knob: Knob) -> String? {
    let risks = Knob.Risk.allCases.filter { knob.risks.contains($0) }.map(\.rawValue)
    return risks.isEmpty ? nil : risks.joined(separator: ", ")
  }

  /// Once a knob, in the order of the changes.
  private var reasons: [String] {
    var seen: Set<String> = []
    var lines: [String] = []
    for change in changes where seen.insert(change.setting.knob.id).inserted {
      guard let why = change.reason.why else { continue }
      let source = change.reason.source.map { " (\($0))" } ?? ""
      let policy = change.reason.policy.map { "\($0): " } ?? ""
      lines.append("  \(change.setting.knob.id): \(policy)\(why)\(source)")
    }
    return lines.isEmpty ? [] : ["Why:"] + lines
  }

  private var resets: [String] {
    var seen: Set<String> = []
    var lines: [String] = []
    for change in changes {
      let knob = change.setting.knob
      // What the device has none of is not worth a word.
      guard before.contains(where: { knob.resets($0.knob) }),
        seen.insert(knob.id).inserted
      else { continue }
      let what = knob.invalidates.map(\.description)
      let line =
        "Changing \(knob.id) may reset \(what.joined(separator: ", ")); rxtune restores them"
      let except = exceptions(to: knob).joined(separator: ", ")
      lines.append(
        except.isEmpty
          ? line + "."
          : Self.isThereToOverwrite(knob)
            ? line
              + ", except \(except), which it is meant to overwrite; a rollback restores those too."
            : line + ", except \(except) (left to the driver; a rollback restores those too).")
    }
    return lines
  }

  /// Knobs that are not restored after a change of `knob`.
  private func exceptions(to knob: Knob) -> [String] {
    let alone = Set(leftAlone.map(\.knob))
    let writers = changes.map(\.setting.knob)
    return knob.invalidates.flatMap(\.knobs).filter { other in
      alone.contains(other)
        && (knob.overwrites(other) || !writers.contains { $0.overwrites(other) })
    }.map(\.id).sorted()
  }

  /// Rather than a driver that counts its queues anew.
  private static func isThereToOverwrite(_ knob: Knob) -> Bool {
    if case .deviceFile = knob.access { return true }
    return knob.group == .coalesce || knob == .featureNTupleFilter
  }

  private var summary: String {
    let satisfied = satisfied.isEmpty ? "" : "; \(self.satisfied.count) already set"
    return switch changes.count {
    case 0 where !blockers.isEmpty: "Not possible as it stands\(satisfied)."
    case 0: "Nothing to change\(satisfied)."
    case 1: "1 change\(satisfied)."
    default: "\(changes.count) changes\(satisfied)."
    }
  }

  // MARK: JSON

  package static let shape = Record<Plan>([
    Field("changes", "The writes, in order.", .array(of: change)) { $0.changes },
    Field("satisfied", "Settings that already hold.", .array(of: SettingJSON.shape)) {
      $0.satisfied
    },
    Field("caveats", "Caveats to read before applying.", .array(of: .caveat)) { $0.caveats },
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
}
