package import Knobs
import ReceivePath
package import Tuning

/// A plan as JSON.
package enum PlanJSON {
  package static func document(_ plan: Plan) -> JSON {
    let wanted = Set(plan.changes.map(\.setting.key) + plan.satisfied.map(\.key))
    return .object([
      "changes": .array(plan.changes.map(change)),
      "satisfied": .array(plan.satisfied.map(setting)),
      "findings": .array(plan.findings.map(finding)),
      "left_to_driver": .array(
        plan.before.filter { plan.leftToDriver.contains($0.key) && !wanted.contains($0.key) }
          .map(setting)),
    ])
  }

  private static func change(_ change: Change) -> JSON {
    .object([
      "knob": .string(change.setting.knob.id), "place": place(change.setting.place),
      "old": change.old.map(value), "wanted": value(change.setting.value),
      "risks": .strings(
        Knob.Risk.allCases.filter { change.setting.knob.risks.contains($0) }.map(\.rawValue)),
      "invalidates": .strings(change.setting.knob.invalidates),
      "policy": change.reason.policy.map { .string($0) },
      "why": change.reason.why.map { .string($0) },
      "source": change.reason.source.map { .string($0) },
    ])
  }

  package static func setting(_ setting: Setting) -> JSON {
    .object([
      "knob": .string(setting.knob.id), "place": place(setting.place),
      "value": value(setting.value),
    ])
  }

  package static func finding(_ finding: Finding) -> JSON {
    .object([
      "severity": .string(finding.severity.rawValue), "subject": .string(finding.subject),
      "text": .string(finding.text), "remedy": finding.remedy.map { .string($0) },
    ])
  }

  package static func place(_ place: Place) -> JSON {
    switch place {
    case .host: .object(["host": .bool(true)])
    case .device(let device): .object(["device": .string(device)])
    case .queue(let device, let direction, let index):
      .object([
        "device": .string(device), "direction": .string(direction.rawValue),
        "queue": .integer(index),
      ])
    case .napi(let device, let rank):
      .object(["device": .string(device), "napi_rank": .integer(rank)])
    case .interrupt(let device, let name):
      .object(["device": .string(device), "interrupt": .string(name)])
    case .vector(let device, let queue):
      .object(["device": .string(device), "vector_of": .integer(queue)])
    case .cpu(let cpu): .object(["cpu": .integer(cpu)])
    }
  }

  package static func value(_ value: KnobValue) -> JSON {
    switch value {
    case .number(let number): .integer(number)
    case .flag(let on): .bool(on)
    case .cpus(let cpus): .string(cpus.list)
    case .text(let text): .string(text)
    }
  }
}
