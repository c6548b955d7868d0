import Notation

/// The secret that a device hashes each packet with: "6d:5a:…".
package struct HashKey: Hashable, Sendable, CustomStringConvertible {
  package var bytes: [UInt8]

  /// - Parameter bytes: at least one; nil where there is none.
  package init?(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return nil }
    self.bytes = bytes
  }

  package init?(_ text: some StringProtocol) {
    guard let bytes = Hex.bytes(text, separator: ":") else { return nil }
    self.init(bytes)
  }

  package var description: String { Hex.text(bytes, separator: ":") }
}
