/// One of a few values, known by its name: so it is compared and kept in files.
package protocol NamedValue: Hashable, Codable {
  /// What such a value is, in errors.
  static var kind: String { get }
  static func named(_ name: String) -> Self?
  var name: String { get }
}

extension NamedValue {
  package static func == (one: Self, other: Self) -> Bool { one.name == other.name }

  package func hash(into hasher: inout Hasher) { hasher.combine(name) }

  package init(from decoder: any Decoder) throws {
    let name = try decoder.singleValueContainer().decode(String.self)
    guard let value = Self.named(name) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "no \(Self.kind) \"\(name)\""))
    }
    self = value
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}
