import Knobs
import Notation
package import ReceivePath

extension Shape {
  /// The value, or an object that says why there is none: {"absent": reason, "detail": …}.
  package static func reading<Wrapped>(_ shape: Shape<Wrapped>) -> Shape
  where Value == Reading<Wrapped> {
    Shape(
      schema: .object([
        "anyOf": .array([shape.schema, .object(["$ref": .string("#/$defs/absent")])])
      ])
    ) { reading in
      switch reading {
      case .value(let value): shape.encode(value)
      case .absent(let absence): Shape<Absence>.absence.encode(absence)
      }
    }
  }
}

extension Shape where Value == Absence {
  package static var absence: Shape {
    Record<Absence>([
      Field("absent", "Why there is no value.", .oneOf(Absence.Reason.allCases.map(\.rawValue))) {
        $0.reason.rawValue
      },
      Field(optional: "detail", "The kernel's message.", .string) { $0.detail },
    ]).shape
  }
}

extension Shape where Value == CPUSet {
  /// CPU numbers, ascending.
  static var cpus: Shape { Shape<[Int]>.array(of: .integer).from(\.cpus) }
}

extension Shape where Value == KnobValue {
  static var knobValue: Shape {
    Shape(
      schema: .object([
        "type": .strings(["integer", "boolean", "string", "array"]),
        "items": .object(["type": .string("integer")]),
      ])
    ) { value in
      switch value {
      case .number(let number): .integer(number)
      case .flag(let on): .bool(on)
      case .cpus(let cpus): .integers(cpus.cpus)
      default: .string(value.description)
      }
    }
  }
}
