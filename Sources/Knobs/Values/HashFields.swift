/// The packet fields that go into a flow's hash (linux/ethtool.h, RXH_*).
package struct HashFields: OptionSet, Hashable, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  package static let destinationMAC = HashFields(rawValue: 1 << 1)
  package static let vlan = HashFields(rawValue: 1 << 2)
  package static let protocolNumber = HashFields(rawValue: 1 << 3)
  package static let source = HashFields(rawValue: 1 << 4)
  package static let destination = HashFields(rawValue: 1 << 5)
  package static let sourcePort = HashFields(rawValue: 1 << 6)
  package static let destinationPort = HashFields(rawValue: 1 << 7)
  package static let discard = HashFields(rawValue: 1 << 31)

  package static let addresses: HashFields = [.source, .destination]
  package static let ports: HashFields = [.sourcePort, .destinationPort]

  /// The letters of ethtool -N … rx-flow-hash.
  package static let letters: [(letter: Character, field: HashFields)] = [
    ("m", .destinationMAC), ("v", .vlan), ("t", .protocolNumber), ("s", .source),
    ("d", .destination), ("f", .sourcePort), ("n", .destinationPort), ("r", .discard),
  ]

  /// All that have a letter.
  static let spelled = HashFields(letters.map(\.field))

  /// "sdfn"; "none" where nothing is hashed.
  package var description: String {
    let text = String(Self.letters.filter { contains($0.field) }.map(\.letter))
    return text.isEmpty ? "none" : text
  }
}

extension HashFields {
  /// Reads `description`; nil where a letter is none of them.
  package init?(_ text: some StringProtocol) {
    self = []
    for letter in text == "none" ? "" : String(text) {
      guard let known = Self.letters.first(where: { $0.letter == letter }) else { return nil }
      insert(known.field)
    }
  }
}
