/// What somebody pressed.
package enum KeyPress: Hashable, Sendable {
  case character(Character)
  case enter, escape, tab, backTab, backspace
  case up, down, left, right
  case home, end, pageUp, pageDown, delete
}

/// Makes keys of the bytes that a terminal sends (xterm's control sequences: CSI and SS3).
///
/// A sequence may come in pieces. What is no key is left out.
package struct KeyDecoder: Sendable {
  private var pending: [UInt8] = []

  /// Longer is no key of any terminal.
  private static let longestSequence = 16
  private static let escape: UInt8 = 0x1b

  package init() {}

  /// Something has begun whose end has not come: the escape key, if nothing follows.
  package var isWaiting: Bool { !pending.isEmpty }

  package mutating func decode(_ bytes: [UInt8]) -> [KeyPress] {
    pending += bytes
    var keys: [KeyPress] = []
    while let (key, length) = Self.first(pending[...]) {
      if let key { keys.append(key) }
      pending.removeFirst(length)
    }
    return keys
  }

  /// Nothing came for a while: what waits was all of it.
  package mutating func flush() -> [KeyPress] {
    defer { pending = [] }
    return pending.first == Self.escape ? [.escape] : []
  }

  /// The first key and how many bytes it took, no key where those are none; nil where more has to come.
  private static func first(_ bytes: ArraySlice<UInt8>) -> (key: KeyPress?, length: Int)? {
    guard let first = bytes.first else { return nil }
    switch first {
    case escape: return sequence(bytes)
    case 0x0d, 0x0a: return (.enter, 1)
    case 0x09: return (.tab, 1)
    case 0x08, 0x7f: return (.backspace, 1)
    case 0x20..<0x7f: return (.character(Character(Unicode.Scalar(first))), 1)
    case 0xc2..<0xf5: return letter(bytes, first)
    // Other control characters, and bytes that begin nothing.
    default: return (nil, 1)
    }
  }

  /// A character of several bytes in UTF-8.
  private static func letter(
    _ bytes: ArraySlice<UInt8>, _ first: UInt8
  ) -> (key: KeyPress?, length: Int)? {
    let length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
    let continuing = bytes.dropFirst().prefix(length - 1).prefix { $0 & 0xc0 == 0x80 }
    guard continuing.count == length - 1 else {
      return 1 + continuing.count < bytes.count ? (nil, 1 + continuing.count) : nil
    }
    let text = String(decoding: bytes.prefix(length), as: UTF8.self)
    guard let character = text.first, text.count == 1, character != "\u{fffd}" else {
      return (nil, length)
    }
    return (.character(character), length)
  }

  private static func sequence(_ bytes: ArraySlice<UInt8>) -> (key: KeyPress?, length: Int)? {
    guard let second = bytes.dropFirst().first else { return nil }
    switch second {
    case escape: return (.escape, 1)
    case UInt8(ascii: "O"):
      guard let last = bytes.dropFirst(2).first else { return nil }
      return (named(last, []), 3)
    case UInt8(ascii: "["): break
    // With Alt held down.
    default: return (nil, 2)
    }
    let body = bytes.dropFirst(2)
    let parameters = body.prefix { (0x20..<0x40).contains($0) }
    guard let last = body.dropFirst(parameters.count).first else {
      return parameters.count > longestSequence ? (nil, bytes.count) : nil
    }
    return (named(last, parameters), 3 + parameters.count)
  }

  private static func named(_ last: UInt8, _ parameters: ArraySlice<UInt8>) -> KeyPress? {
    switch last {
    case UInt8(ascii: "A"): return .up
    case UInt8(ascii: "B"): return .down
    case UInt8(ascii: "C"): return .right
    case UInt8(ascii: "D"): return .left
    case UInt8(ascii: "H"): return .home
    case UInt8(ascii: "F"): return .end
    case UInt8(ascii: "Z"): return .backTab
    case UInt8(ascii: "~"): break
    default: return nil
    }
    // "5~"; with modifiers "5;2~".
    switch String(decoding: parameters.prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self) {
    case "1", "7": return .home
    case "4", "8": return .end
    case "3": return .delete
    case "5": return .pageUp
    case "6": return .pageDown
    default: return nil
    }
  }
}
