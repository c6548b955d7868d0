extension JSON {
  /// One JSON text (RFC 8259), with nothing but space around it.
  package init(parsing text: ArraySlice<UInt8>) throws(JSONError) {
    var parser = JSONParser(text)
    self = try parser.document()
  }
}

/// Bytes that are no JSON.
package struct JSONError: Error, Hashable, CustomStringConvertible {
  /// From the first of them to where JSON ends.
  package let offset: Int

  package var description: String { "it is not JSON (byte \(offset + 1))" }
}

private struct JSONParser {
  private var rest: ArraySlice<UInt8>
  private let start: Int
  /// No document of rxtune is a fifth as deep; each level takes some of the stack.
  private static let depthLimit = 64

  init(_ text: ArraySlice<UInt8>) {
    rest = text
    start = text.startIndex
  }

  private var error: JSONError { JSONError(offset: rest.startIndex - start) }

  mutating func document() throws(JSONError) -> JSON {
    let value = try value(at: 0)
    guard rest.isEmpty else { throw error }
    return value
  }

  /// A value and the space around it.
  private mutating func value(at depth: Int) throws(JSONError) -> JSON {
    guard depth < Self.depthLimit else { throw error }
    skipSpace()
    let value: JSON
    guard let first = rest.first else { throw error }
    switch first {
    case UInt8(ascii: "{"): value = try object(at: depth)
    case UInt8(ascii: "["): value = try array(at: depth)
    case UInt8(ascii: "\""): value = .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): value = try number()
    case UInt8(ascii: "t"): value = try word("true", .bool(true))
    case UInt8(ascii: "f"): value = try word("false", .bool(false))
    case UInt8(ascii: "n"): value = try word("null", .null)
    default: throw error
    }
    skipSpace()
    return value
  }

  private mutating func object(at depth: Int) throws(JSONError) -> JSON {
    try expect("{")
    skipSpace()
    var members: [JSON.Member] = []
    guard !take("}") else { return .object(members) }
    repeat {
      skipSpace()
      let key = try string()
      skipSpace()
      try expect(":")
      members.append(.init(key: key, value: try value(at: depth + 1)))
    } while take(",")
    try expect("}")
    return .object(members)
  }

  private mutating func array(at depth: Int) throws(JSONError) -> JSON {
    try expect("[")
    skipSpace()
    var values: [JSON] = []
    guard !take("]") else { return .array(values) }
    repeat { values.append(try value(at: depth + 1)) } while take(",")
    try expect("]")
    return .array(values)
  }

  private mutating func number() throws(JSONError) -> JSON {
    let text = rest
    var isWhole = true
    _ = take("-")
    if !take("0") { try digits() }
    if take(".") {
      isWhole = false
      try digits()
    }
    if take("e") || take("E") {
      isWhole = false
      if !take("+") { _ = take("-") }
      try digits()
    }
    let word = String(decoding: text[..<rest.startIndex], as: UTF8.self)
    if isWhole, let value = Int64(word) { return .integer(value) }
    if isWhole, let value = UInt64(word) { return .unsigned(value) }
    guard let value = Double(word), value.isFinite else { throw error }
    return .number(value)
  }

  private mutating func digits() throws(JSONError) {
    let digits = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    guard !digits.isEmpty else { throw error }
    rest = rest[digits.endIndex...]
  }

  private mutating func string() throws(JSONError) -> String {
    try expect("\"")
    var text = ""
    while true {
      let plain = rest.prefix { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
      guard let piece = String(validating: plain, as: UTF8.self) else { throw error }
      rest = rest[plain.endIndex...]
      text += piece
      if take("\"") { return text }
      try expect("\\")
      text.unicodeScalars.append(try escaped())
    }
  }

  /// What stands behind a backslash.
  private mutating func escaped() throws(JSONError) -> Unicode.Scalar {
    guard let byte = rest.first else { throw error }
    if byte == UInt8(ascii: "u") {
      let first = try codeUnit()
      guard UTF16.isLeadSurrogate(first) else { return try scalar(first) }
      try expect("\\")
      let second = try codeUnit()
      guard UTF16.isTrailSurrogate(second) else { throw error }
      return UTF16.decode(UTF16.EncodedScalar([first, second]))
    }
    rest = rest.dropFirst()
    switch byte {
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    default: throw error
    }
  }

  /// "u00e9"
  private mutating func codeUnit() throws(JSONError) -> UInt16 {
    try expect("u")
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = rest.first.flatMap(Hex.digit) else { throw error }
      unit = unit << 4 | UInt16(digit)
      rest = rest.dropFirst()
    }
    return unit
  }

  private func scalar(_ unit: UInt16) throws(JSONError) -> Unicode.Scalar {
    guard let scalar = Unicode.Scalar(unit) else { throw error }
    return scalar
  }

  private mutating func skipSpace() {
    rest = rest.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0a || $0 == 0x0d }
  }

  private mutating func word(_ word: String, _ value: JSON) throws(JSONError) -> JSON {
    guard rest.starts(with: word.utf8) else { throw error }
    rest = rest.dropFirst(word.utf8.count)
    return value
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest = rest.dropFirst()
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(JSONError) {
    guard take(character) else { throw error }
  }
}
