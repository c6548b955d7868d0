/// Bytes as pairs of hex digits: keys and masks of RSS, addresses of the link layer.
package enum Hex {
  /// "00:6d:ff"; without a separator "006dff".
  package static func text(_ bytes: [UInt8], separator: String = "") -> String {
    var text = ""
    for byte in bytes {
      if !text.isEmpty { text += separator }
      if byte < 16 { text += "0" }
      text += String(byte, radix: 16)
    }
    return text
  }

  /// Reads "00:6d:ff", in digits of either case; nil where a byte has not two of them.
  package static func bytes(_ text: some StringProtocol, separator: Character) -> [UInt8]? {
    var bytes: [UInt8] = []
    for pair in text.split(separator: separator, omittingEmptySubsequences: false) {
      let digits = pair.utf8.compactMap(digit)
      guard digits.count == 2, pair.utf8.count == 2 else { return nil }
      bytes.append(digits[0] << 4 | digits[1])
    }
    return bytes
  }

  /// What an ASCII digit of either case stands for.
  @inlinable
  package static func digit(_ character: UInt8) -> UInt8? {
    switch character {
    case 0x30...0x39: character &- 0x30
    case 0x41...0x46: character &- 0x41 &+ 10
    case 0x61...0x66: character &- 0x61 &+ 10
    default: nil
    }
  }
}
