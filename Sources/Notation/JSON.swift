/// A JSON document whose objects keep the order they were built in.
package enum JSON: Hashable, Sendable {
  case object([Member])
  case array([JSON])
  case string(String)
  case integer(Int64)
  case unsigned(UInt64)
  case number(Double)
  case bool(Bool)
  case null

  package struct Member: Hashable, Sendable {
    package var key: String
    package var value: JSON

    package init(key: String, value: JSON) {
      self.key = key
      self.value = value
    }
  }

  /// An object of the members that have a value: absent is left out, never 0.
  package static func object(_ members: KeyValuePairs<String, JSON?>) -> JSON {
    .object(members.compactMap { key, value in value.map { Member(key: key, value: $0) } })
  }

  package static func integer(_ value: Int) -> JSON { .integer(Int64(value)) }
  package static func integer(_ value: UInt32) -> JSON { .integer(Int64(value)) }
  package static func strings(_ values: some Sequence<String>) -> JSON {
    .array(values.map { .string($0) })
  }
  package static func integers(_ values: some Sequence<Int>) -> JSON {
    .array(values.map { .integer($0) })
  }

  package subscript(_ key: String) -> JSON? {
    if case .object(let members) = self { members.first { $0.key == key }?.value } else { nil }
  }
}

// MARK: - Writing

extension JSON {
  /// The document, two spaces a level; arrays of plain values stay on one line.
  package func text() -> String {
    var out: [UInt8] = []
    write(into: &out, indent: 0)
    out.append(UInt8(ascii: "\n"))
    return String(decoding: out, as: UTF8.self)
  }

  /// The document on one line, for JSON Lines.
  package func line() -> String {
    var out: [UInt8] = []
    write(into: &out, indent: nil)
    return String(decoding: out, as: UTF8.self)
  }

  private var isPlain: Bool {
    switch self {
    case .object, .array: false
    default: true
    }
  }

  private func write(into out: inout [UInt8], indent: Int?) {
    switch self {
    case .null: out += "null".utf8
    case .bool(let value): out += (value ? "true" : "false").utf8
    case .integer(let value): out += String(value).utf8
    case .unsigned(let value): out += String(value).utf8
    case .number(let value): out += (value.isFinite ? "\(value)" : "null").utf8
    case .string(let value): Self.write(value, into: &out)
    case .array(let values):
      let inner = values.allSatisfy(\.isPlain) ? nil : indent.map { $0 + 1 }
      Self.write(values, "[", "]", into: &out, inner: inner, spaced: indent != nil) {
        $0.write(into: &$1, indent: inner)
      }
    case .object(let members):
      let inner = indent.map { $0 + 1 }
      Self.write(members, "{", "}", into: &out, inner: inner, spaced: indent != nil) {
        Self.write($0.key, into: &$1)
        $1 += (indent == nil ? ":" : ": ").utf8
        $0.value.write(into: &$1, indent: inner)
      }
    }
  }

  private static func write<Element>(
    _ elements: [Element], _ open: String, _ close: String, into out: inout [UInt8], inner: Int?,
    spaced: Bool, _ one: (Element, inout [UInt8]) -> Void
  ) {
    func newline(_ level: Int) {
      out.append(UInt8(ascii: "\n"))
      for _ in 0..<2 * level { out.append(UInt8(ascii: " ")) }
    }
    out += open.utf8
    for (index, element) in elements.enumerated() {
      if index > 0 { out += (inner == nil && spaced ? ", " : ",").utf8 }
      if let inner { newline(inner) }
      one(element, &out)
    }
    if let inner, !elements.isEmpty { newline(inner - 1) }
    out += close.utf8
  }

  private static func write(_ string: String, into out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
      case UInt8(ascii: "\n"): out += "\\n".utf8
      case UInt8(ascii: "\t"): out += "\\t".utf8
      case 0..<0x20:
        out += ("\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)).utf8
      default: out.append(byte)
      }
    }
    out.append(UInt8(ascii: "\""))
  }
}
