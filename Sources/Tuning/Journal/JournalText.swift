import Knobs

/// The journal's lines: words between tabs, each line under a checksum of its own.
///
/// Text, so that a person without rxtune can read what was there before and put it back by hand.
package enum JournalText {
  /// The words as a line, its CRC-32 last.
  static func line(_ words: [String]) -> String {
    String(decoding: signed(words.map(escaped).joined(separator: "\t").utf8), as: UTF8.self)
  }

  /// A line under its checksum; one that was damaged or made by hand, too.
  package static func signed(_ body: some Collection<UInt8>) -> [UInt8] {
    Array(body) + [tab] + Array(hexadecimal(checksum(body)).utf8) + [UInt8(ascii: "\n")]
  }

  /// The words of a line; nil where the checksum is not the line's.
  static func words(_ line: ArraySlice<UInt8>) -> [String]? {
    body(line).map(words(of:))
  }

  static func words(of body: ArraySlice<UInt8>) -> [String] {
    body.split(separator: tab, omittingEmptySubsequences: false).map(unescaped)
  }

  /// The line without its checksum; nil where that is not the line's.
  static func body(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard let end = line.lastIndex(of: tab) else { return nil }
    let body = line[..<end]
    let digits = line[(end + 1)...]
    return digits.elementsEqual(hexadecimal(checksum(body)).utf8) ? body : nil
  }

  private static let tab = UInt8(ascii: "\t")

  /// CRC-32 as of IEEE 802.3.
  static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var remainder: UInt32 = .max
    for byte in bytes {
      remainder = remainder >> 8 ^ remainders[Int((remainder ^ UInt32(byte)) & 0xff)]
    }
    return ~remainder
  }

  /// Of each byte.
  private static let remainders: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { remainder, _ in
      remainder & 1 == 1 ? remainder >> 1 ^ 0xedb8_8320 : remainder >> 1
    }
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

  private static func unescaped(_ word: ArraySlice<UInt8>) -> String {
    let percent = UInt8(ascii: "%")
    guard word.contains(percent) else { return String(decoding: word, as: UTF8.self) }
    var bytes: [UInt8] = []
    var rest = word
    while let byte = rest.popFirst() {
      if byte == percent, rest.count >= 2,
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
  /// The value with its kind before it: a number, a flag, CPUs, or words.
  var journalText: String {
    switch self {
    case .number(let number): "n\(number)"
    case .flag(let on): on ? "f1" : "f0"
    case .cpus(let cpus): "c" + cpus.list
    default: "t" + description
    }
  }

  init?(journalText text: String, of knob: Knob) {
    let rest = String(text.dropFirst())
    let value: KnobValue
    switch text.first {
    case "n":
      guard let number = Int64(rest) else { return nil }
      value = .number(number)
    case "f":
      guard rest == "0" || rest == "1" else { return nil }
      value = .flag(rest == "1")
    case "c":
      guard let cpus = CPUSet(list: rest) else { return nil }
      value = .cpus(cpus)
    case "t": value = KnobValue(recorded: rest, for: knob) ?? .unread(rest)
    default: return nil
    }
    // Other versions may have another form of the knob.
    self = knob.takes(value) ? value : .unread(value.description)
  }
}
