package import Notation

/// How values of one type are written as JSON, and the JSON Schema of what is written: declared
/// once, so that neither can say what the other does not.
package struct Shape<Value>: Sendable {
  /// A JSON Schema (draft 2020-12) of every document that `encode` writes.
  package var schema: JSON { makeSchema() }
  package let encode: @Sendable (Value) -> JSON
  /// Built only for whoever asks: whoever only writes does without.
  private let makeSchema: @Sendable () -> JSON

  package init(
    schema: @autoclosure @escaping @Sendable () -> JSON,
    encode: @escaping @Sendable (Value) -> JSON
  ) {
    self.encode = encode
    makeSchema = schema
  }

  /// The same for another type that leads to this one.
  package func from<Other>(_ convert: @escaping @Sendable (Other) -> Value) -> Shape<Other> {
    Shape<Other>(schema: schema) { encode(convert($0)) }
  }
}

/// A member of a JSON object.
package struct Field<Subject>: Sendable {
  let key: String
  let schema: @Sendable () -> JSON
  let isRequired: Bool
  let get: @Sendable (Subject) -> JSON?

  /// A member that is always there.
  package init<Value>(
    _ key: String, _ documentation: String, _ shape: Shape<Value>,
    _ get: @escaping @Sendable (Subject) -> Value
  ) {
    self.key = key
    self.schema = { shape.schema.documented(documentation) }
    self.isRequired = true
    self.get = { shape.encode(get($0)) }
  }

  /// A member that is left out where there is no value.
  package init<Value>(
    optional key: String, _ documentation: String, _ shape: Shape<Value>,
    _ get: @escaping @Sendable (Subject) -> Value?
  ) {
    self.key = key
    self.schema = { shape.schema.documented(documentation) }
    self.isRequired = false
    self.get = { get($0).map(shape.encode) }
  }
}

/// A JSON object of known members, in order.
package struct Record<Subject>: Sendable {
  package let fields: [Field<Subject>]

  package init(_ fields: [Field<Subject>]) {
    self.fields = fields
  }

  package var shape: Shape<Subject> {
    let fields = fields
    return Shape(schema: schema) { subject in
      .object(
        fields.compactMap { field in
          field.get(subject).map { JSON.Member(key: field.key, value: $0) }
        })
    }
  }

  private var schema: JSON {
    .object([
      "type": .string("object"),
      "properties": .object(fields.map { JSON.Member(key: $0.key, value: $0.schema()) }),
      "required": .strings(fields.filter(\.isRequired).map(\.key)),
      "additionalProperties": .bool(false),
    ])
  }
}

extension JSON {
  /// A schema with its description in front.
  fileprivate func documented(_ text: String) -> JSON {
    guard case .object(let members) = self else { return self }
    return .object([Member(key: "description", value: .string(text))] + members)
  }

  fileprivate static func type(_ name: String) -> JSON { .object(["type": .string(name)]) }
  fileprivate static func either(_ schemas: JSON...) -> JSON { .object(["anyOf": .array(schemas)]) }
}

// MARK: - Plain shapes

extension Shape where Value == Int {
  package static var integer: Shape { Shape(schema: .type("integer")) { .integer($0) } }
}

extension Shape where Value == UInt64 {
  /// A count since boot, or since the device was made.
  package static var counter: Shape {
    Shape(schema: .object(["type": .string("integer"), "minimum": .integer(0)])) { .unsigned($0) }
  }
}

extension Shape where Value == UInt32 {
  package static var counter32: Shape { Shape<UInt64>.counter.from { UInt64($0) } }
}

extension Shape where Value == Double {
  package static var number: Shape { Shape(schema: .type("number")) { .number($0) } }
}

extension Shape where Value == Bool {
  package static var bool: Shape { Shape(schema: .type("boolean")) { .bool($0) } }
}

extension Shape where Value == String {
  package static var string: Shape { Shape(schema: .type("string")) { .string($0) } }

  /// One of some words.
  package static func oneOf(_ words: [String]) -> Shape {
    Shape(schema: .object(["type": .string("string"), "enum": .strings(words)])) { .string($0) }
  }
}

extension Shape {
  package static func array<Element>(of element: Shape<Element>) -> Shape
  where Value == [Element] {
    Shape(schema: .object(["type": .string("array"), "items": element.schema])) {
      .array($0.map(element.encode))
    }
  }

  /// An object whose keys are data (names of features, of flow types).
  package static func keyed<Element>(by element: Shape<Element>) -> Shape
  where Value == [(String, Element)] {
    Shape(
      schema: .object(["type": .string("object"), "additionalProperties": element.schema])
    ) { members in
      .object(members.map { JSON.Member(key: $0.0, value: element.encode($0.1)) })
    }
  }

  /// null where there is none.
  package static func nullable<Wrapped>(_ shape: Shape<Wrapped>) -> Shape
  where Value == Wrapped? {
    Shape(schema: .either(shape.schema, .type("null"))) { $0.map(shape.encode) ?? .null }
  }
}
