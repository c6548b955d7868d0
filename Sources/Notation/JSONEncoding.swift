extension JSON {
  /// What `Codable` tells of a value; members in the order of their names.
  /// - Throws: `EncodingError` of a number that JSON has no word for.
  package init(encoding value: some Encodable) throws {
    let encoding = Encoding(codingPath: [])
    try value.encode(to: encoding)
    self = encoding.json
  }
}

/// A value as it comes together.
private final class Encoding: Encoder {
  let codingPath: [any CodingKey]
  /// Of an object, an array, or neither.
  private var members: [(key: String, value: Encoding)]?
  private var elements: [Encoding]?
  private var plain = JSON.null

  init(codingPath: [any CodingKey]) { self.codingPath = codingPath }

  var userInfo: [CodingUserInfoKey: Any] { [:] }

  var json: JSON {
    if let members {
      .object(
        members.map { JSON.Member(key: $0.key, value: $0.value.json) }.sorted { $0.key < $1.key })
    } else if let elements {
      .array(elements.map(\.json))
    } else {
      plain
    }
  }

  var count: Int { elements?.count ?? 0 }

  func member(_ key: some CodingKey) -> Encoding {
    let value = Encoding(codingPath: codingPath + [key])
    members?.append((key.stringValue, value))
    return value
  }

  func element() -> Encoding {
    let value = Encoding(codingPath: codingPath)
    elements?.append(value)
    return value
  }

  func container<Key>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    if members == nil { members = [] }
    return KeyedEncodingContainer(EncodedObject<Key>(encoding: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if elements == nil { elements = [] }
    return EncodedArray(encoding: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { self }
}

extension Encoding: SingleValueEncodingContainer {
  func encodeNil() { plain = .null }

  func encode(_ value: Bool) { plain = .bool(value) }

  func encode(_ value: String) { plain = .string(value) }

  func encode(_ value: Double) throws {
    guard value.isFinite else { throw invalid(value) }
    plain = .number(value)
  }

  func encode(_ value: Float) throws { try encode(Double(value)) }

  func encode<Value: FixedWidthInteger & Encodable>(_ value: Value) throws {
    if let integer = Int64(exactly: value) {
      plain = .integer(integer)
    } else if let integer = UInt64(exactly: value) {
      plain = .unsigned(integer)
    } else {
      throw invalid(value)
    }
  }

  func encode<Value: Encodable>(_ value: Value) throws { try value.encode(to: self) }

  private func invalid(_ value: Any) -> EncodingError {
    .invalidValue(value, .init(codingPath: codingPath, debugDescription: "no number of JSON"))
  }
}

private struct EncodedObject<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let encoding: Encoding

  var codingPath: [any CodingKey] { encoding.codingPath }

  func encodeNil(forKey key: Key) { encoding.member(key).encodeNil() }

  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
    try value.encode(to: encoding.member(key))
  }

  func nestedContainer<Nested>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> { encoding.member(key).container(keyedBy: type) }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    encoding.member(key).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { encoding.member(SuperKey()) }

  func superEncoder(forKey key: Key) -> any Encoder { encoding.member(key) }
}

private struct EncodedArray: UnkeyedEncodingContainer {
  let encoding: Encoding

  var codingPath: [any CodingKey] { encoding.codingPath }
  var count: Int { encoding.count }

  func encodeNil() { encoding.element().encodeNil() }

  func encode<Value: Encodable>(_ value: Value) throws { try value.encode(to: encoding.element()) }

  func nestedContainer<Nested>(
    keyedBy type: Nested.Type
  ) -> KeyedEncodingContainer<Nested> { encoding.element().container(keyedBy: type) }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    encoding.element().unkeyedContainer()
  }

  func superEncoder() -> any Encoder { encoding.element() }
}
