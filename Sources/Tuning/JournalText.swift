import Knobs

/// The journal's lines: words between tabs, each line under a checksum of its own.
///
/// Text, so that a person without rxtune can read what was there before and put it back by hand.
enum JournalText {
  /// The words as a line, its CRC-32 last.
  static func line(_ words: [String]) -> String {
    let body = words.map(escaped).joined(separator: "\t")
    return body + "\t" + hexadecimal(checksum(body.utf8)) + "\n"
  }

  /// The words of a line; nil where the checksum is not the line's.
  static func words(_ line: some StringProtocol) -> [String]? {
    guard let tab = line.lastIndex(of: "\t") else { return nil }
    let body = line[..<tab]
    guard hexadecimal(checksum(body.utf8)) == line[line.index(after: tab)...] else { return nil }
    return body.split(separator: "\t", omittingEmptySubsequences: false).map { unescaped($0) }
  }

  /// CRC-32 as of IEEE 802.3.
  static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var remainder: UInt32 = .max
    for byte in bytes {
      remainder ^= UInt32(byte)
      for _ in 0..<8 {
        remainder = remainder & 1 == 1 ? remainder >> 1 ^ 0xedb8_8320 : remainder >> 1
      }
    }
    return ~remainder
  }

  private static func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  private static func escaped(_ word: String) -> String {
    var result = ""
    for scalar in word.unicodeScalars {
      if scalar.value < 0x20 || scalar == "%" {
        let digits = String(scalar.value, radix: 16)
        result += "%" + (digits.count < 2 ? "0" : "") + digits
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func unescaped(_ word: some StringProtocol) -> String {
    var bytes: [UInt8] = []
    var rest = word.utf8[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension KnobValue {
  /// The value with its kind before it, so that it is read back as what it was.
  var journalText: String {
    switch self {
    case .number(let number): "n\(number)"
    case .flag(let on): on ? "f1" : "f0"
    case .cpus(let cpus): "c" + cpus.list
    case .text(let text): "t" + text
    }
  }

  init?(journalText text: String) {
    let rest = text.dropFirst()
    switch text.first {
    case "n":
      guard let number = Int64(rest) else { return nil }
      self = .number(number)
    case "f":
      guard rest == "0" || rest == "1" else { return nil }
      self = .flag(rest == "1")
    case "c":
      guard let cpus = CPUSet(list: rest) else { return nil }
      self = .cpus(cpus)
    case "t": self = .text(String(rest))
    default: return nil
    }
  }
}
