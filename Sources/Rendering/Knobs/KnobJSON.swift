package import Knobs
package import ReceivePath

extension JSON {
  /// Readings by knob: `{"knobs": [{"id", …, "values": [{"device", "queue", "value", …}]}]}`.
  package static func knobs(_ rows: [KnobRow]) -> JSON {
    var knobs: [Knob] = []
    for row in rows where knobs.last != row.knob { knobs.append(row.knob) }
    return .object([
      "knobs": .array(
        knobs.map { knob in
          .object([
            "id": .string(knob.id), "stage": .string(knob.stage.rawValue),
            "scope": .string(knob.scope.rawValue), "unit": .string(knob.unit.rawValue),
            "values": .array(rows.filter { $0.knob == knob }.map(value)),
          ])
        })
    ])
  }

  private static func value(_ row: KnobRow) -> JSON {
    let reading = row.reading.value
    var members = place(row.target)
    members += [
      ("value", reading.map { of($0.value) }),
      ("minimum", reading?.minimum.map(JSON.integer)),
      ("maximum", reading?.maximum.map(JSON.integer)),
      ("fixed", reading.flatMap { $0.isFixed ? .bool(true) : nil }),
      ("origin", reading.map { .string($0.origin) }),
      ("absent", row.reading.absence.map { .string($0.reason.rawValue) }),
      ("detail", row.reading.absence?.detail.map(JSON.string)),
    ].compactMap { key, value in value.map { Member(key: key, value: $0) } }
    return .object(members)
  }

  /// The members that name a place.
  package static func place(_ target: Target) -> [Member] {
    let members: [(String, JSON?)] =
      switch target {
      case .host: []
      case .device(let name): [("device", .string(name))]
      case .queue(let device, let direction, let index):
        [
          ("device", .string(device)), ("direction", .string(direction.rawValue)),
          ("queue", .integer(index)),
        ]
      case .napi(let device, let id): [("device", .string(device)), ("napi-id", .integer(id))]
      case .irq(let number): [("irq", .integer(number))]
      case .cpu(let number): [("cpu", .integer(number))]
      }
    return members.compactMap { key, value in value.map { Member(key: key, value: $0) } }
  }

  /// A knob's value: numbers, true or false, an array of CPU numbers, or text.
  package static func of(_ value: KnobValue) -> JSON {
    switch value {
    case .number(let number): .integer(number)
    case .flag(let on): .bool(on)
    case .cpus(let cpus): .integers(cpus.cpus)
    case .text(let text): .string(text)
    }
  }

  /// The catalogue: all that a knob declares.
  package static func catalogue(_ knobs: [Knob]) -> JSON {
    .object(["knobs": .array(knobs.map(declaration))])
  }

  private static func declaration(_ knob: Knob) -> JSON {
    var minimum: Int64?
    var maximum: Int64?
    var words: [String]?
    switch knob.range {
    case .between(let low, let high): (minimum, maximum) = (low, high)
    case .reported(let low): minimum = low
    case .oneOf(let list): words = list
    case .any, .existing: break
    }
    return .object([
      "id": .string(knob.id),
      "aliases": knob.aliases.isEmpty ? nil : .strings(knob.aliases),
      "stage": .string(knob.stage.rawValue), "scope": .string(knob.scope.rawValue),
      "summary": .string(knob.summary), "unit": .string(knob.unit.rawValue),
      "fields": knob.fields.isEmpty ? nil : .strings(knob.fields),
      "minimum": minimum.map(JSON.integer), "maximum": maximum.map(JSON.integer),
      "words": words.map { .strings($0) },
      "default": knob.defaultValue.map(JSON.string),
      "settles": .string(knob.settles.rawValue), "writable": .bool(knob.isWritable),
      "risks": .strings(knob.risks.map(\.rawValue).sorted()),
      "invalidates": .strings(knob.invalidates), "document": .string(knob.document),
      "since": knob.since.map(JSON.string), "notes": knob.notes.map(JSON.string),
    ])
  }
}
