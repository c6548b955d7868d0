extension JSON {
  /// A value of what `Codable` makes of the document; what it does not ask for is passed over.
  ///
  /// Foundation's decoder would be a fifth of the binary (Sources/README.md).
  /// - Throws: `DecodingError`, with the path to what does not fit.
  package func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
    try Value(from: Decoding(json: self, parents: [], key: nil))
  }
}

/// Why a number does not decode that its type cannot hold.
struct NumberOutOfRange: Error {}

private struct Decoding: Decoder {
  let json: JSON
  let parents: [any CodingKey]
  let key: (any CodingKey)?

  var codingPath: [any CodingKey] { parents + (key.map { [$0] } ?? []) }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .object(let members) = json else { throw mismatch(type) }
    return KeyedDecodingContainer(DecodedObject<Key>(members: members, codingPath: codingPath))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .array(let elements) = json else { throw mismatch([JSON].self) }
    return DecodedArray(elements: elements, codingPath: codingPath)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

  func mismatch(_ type: Any.Type) -> DecodingError {
    let context = DecodingError.Context(codingPath: codingPath, debugDescription: "")
    return json == .null ? .valueNotFound(type, context) : .typeMismatch(type, context)
  }

  func outOfRange() -> DecodingError {
    .dataCorrupted(
      .init(codingPath: codingPath, debugDescription: "", underlyingError: NumberOutOfRange()))
  }
}

extension Decoding: SingleValueDecodingContainer {
  func decodeNil() -> Bool { json == .null }

  func decode(_ type: Bool.Type) throws -> Bool {
    guard case .bool(let value) = json else { throw mismatch(type) }
    return value
  }

  func decode(_ type: String.Type) throws -> String {
    guard case .string(let value) = json else { throw mismatch(type) }
    return value
  }

  func decode(_ type: Double.Type) throws -> Double {
    switch json {
    case .number(let value): value
    case .integer(let value): Double(value)
    case .unsigned(let value): Double(value)
    default: throw mismatch(type)
    }
  }

  func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }

  func decode<Value: FixedWidthInteger & Decodable>(_ type: Value.Type) throws -> Value {
    let exact: Value? =
      switch json {
      case .integer(let value): Value(exactly: value)
      case .unsigned(let value): Value(exactly: value)
      case .number(let value): Value(exactly: value)
      default: throw mismatch(type)
      }
    guard let exact else { throw outOfRange() }
    return exact
  }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try Value(from: self) }
}

private struct DecodedObject<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let members: [JSON.Member]
  let codingPath: [any CodingKey]

  var allKeys: [Key] { members.compactMap { Key(stringValue: $0.key) } }

  private func value(_ key: some CodingKey) -> JSON? {
    members.first { $0.key == key.stringValue }?.value
  }

  private func member(_ key: some CodingKey) throws -> Decoding {
    guard let value = value(key) else {
      throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: ""))
    }
    return Decoding(json: value, parents: codingPath, key: key)
  }

  func contains(_ key: Key) -> Bool { value(key) != nil }

  func decodeNil(forKey key: Key) throws -> Bool { try member(key).decodeNil() }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try Value(from: member(key))
  }

  func nestedContainer<Nested>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> { try member(key).container(keyedBy: type) }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try member(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { try member(SuperKey()) }

  func superDecoder(forKey key: Key) throws -> any Decoder { try member(key) }
}

private struct DecodedArray: UnkeyedDecodingContainer {
  let elements: [JSON]
  let codingPath: [any CodingKey]
  private(set) var currentIndex = 0

  init(elements: [JSON], codingPath: [any CodingKey]) {
    self.elements = elements
    self.codingPath = codingPath
  }

  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex >= elements.count }

  private func element() throws -> Decoding {
    let key = IndexKey(intValue: currentIndex)
    guard !isAtEnd else {
      throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: ""))
    }
    return Decoding(json: elements[currentIndex], parents: codingPath, key: key)
  }

  /// What `body` makes of the next element, which is passed unless it throws.
  private mutating func next<Value>(_ body: (Decoding) throws -> Value) throws -> Value {
    let value = try body(try element())
    currentIndex += 1
    return value
  }

  mutating func decodeNil() throws -> Bool {
    guard try element().decodeNil() else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try next { try Value(from: $0) }
  }

  mutating func nestedContainer<Nested>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> { try next { try $0.container(keyedBy: type) } }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try next { try $0.unkeyedContainer() }
  }

  mutating func superDecoder() throws -> any Decoder { try next { $0 } }
}

/// An element's place in an array.
private struct IndexKey: CodingKey {
  let index: Int

  init(intValue: Int) { index = intValue }
  init?(stringValue: String) { nil }
  var intValue: Int? { index }
  var stringValue: String { "\(index)" }
}

/// The name that Codable gives to what a class inherits.
struct SuperKey: CodingKey {
  init() {}
  init?(intValue: Int) { nil }
  init?(stringValue: String) { nil }
  var intValue: Int? { nil }
  var stringValue: String { "super" }
}
