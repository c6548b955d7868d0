import Notation

/// Why a text is no flow rule.
package struct FlowRuleError: Error, Hashable, CustomStringConvertible {
  package var description: String

  init(_ description: String) { self.description = description }
}

/// A rule as text: "@7 tcp4 dst-ip 10.0.0.0/24 dst-port 80 queue 3".
///
/// Words and values are those of ethtool -N. A mask has ones where bits are compared, as in the
/// kernel's structure: "/24" on addresses, "mask 0xff00" on anything.
extension FlowRule {
  package var text: String { "\(Self.text(location: location)) \(body)" }

  /// Without the location.
  package var body: String { "\(conditions) \(actionText)" }

  /// What it applies to: "tcp4 dst-port 80".
  package var conditions: String { ([flowType] + matches.map(\.text)).joined(separator: " ") }

  package static func text(location: UInt32) -> String {
    location == anyLocation ? "@any" : "@\(location)"
  }

  /// What it does: "queue 3", "drop".
  package var actionText: String {
    let context = context.map { "context \($0)" }
    let action: String? =
      switch action {
      // Added to the queue that the context chooses.
      case .queue(0) where context != nil: nil
      case .queue(let queue): "queue \(queue)"
      case .drop: "drop"
      case .wake: "wake"
      case .virtualFunction(let function, let queue): "vf \(function) queue \(queue)"
      }
    return [context, action].compactMap(\.self).joined(separator: " ")
  }

  /// Reads a rule; without a location it is for any.
  package init(_ text: some StringProtocol) throws(FlowRuleError) {
    try self.init(words: String(text).split(separator: " " as Character).map(String.init))
  }

  package init(words: [String]) throws(FlowRuleError) {
    var reader = Reader(words: words[...])
    self = try reader.rule()
  }
}

// MARK: - Reading

extension FlowRule {
  private struct Reader {
    var words: ArraySlice<String>
    var location: UInt32?
    var queue: UInt32?
    var function: UInt32?
    var special: Action?
    var context: UInt32?
    var found: [String: Match] = [:]

    mutating func rule() throws(FlowRuleError) -> FlowRule {
      if let word = words.first, word.hasPrefix("@") {
        words.removeFirst()
        location = try Self.location(String(word.dropFirst()))
      }
      if words.first == "flow-type" { words.removeFirst() }
      let types = FlowRule.typeNames.joined(separator: ", ")
      guard let type = words.popFirst() else {
        throw FlowRuleError("it is empty; begin with a flow type: \(types)")
      }
      guard let number = FlowRule.number(ofType: type) else {
        throw FlowRuleError("\"\(type)\" is not a flow type; use \(types)")
      }
      let fields = FlowRule.layout(number).fields + FlowRule.extraFields
      while let word = words.popFirst() {
        if let field = fields.first(where: { $0.name == word }) {
          let match = try self.match(field)
          try once(word, found[word])
          found[word] = match
        } else {
          try option(word, fields.map(\.name), type)
        }
      }
      return FlowRule(
        location: location ?? FlowRule.anyLocation, flowType: type,
        matches: fields.compactMap { found[$0.name] }, action: try action(), context: context)
    }

    private mutating func option(
      _ word: String, _ fields: [String], _ type: String
    ) throws(FlowRuleError) {
      switch word {
      case "drop", "wake":
        try once("an action", special)
        special = word == "drop" ? .drop : .wake
      case "action":
        switch try next(word) {
        case "-1", "drop": try once("an action", special); special = .drop
        case "-2", "wake": try once("an action", special); special = .wake
        case let text:
          try once("a queue", queue)
          queue = try Self.number(text, word)
        }
      case "queue":
        try once("a queue", queue)
        queue = try Self.number(try next(word), word)
      case "vf":
        try once(word, function)
        let number = try Self.number(try next(word), word)
        // One more than it, in 8 bits, is what the kernel's structure holds.
        guard number < 0xff else { throw FlowRuleError("vf takes 0 to 254") }
        function = number
      case "context":
        try once(word, context)
        context = try Self.number(try next(word), word)
      case "loc":
        try once("a location", location)
        location = try Self.location(try next(word))
      case "m":
        throw FlowRuleError(
          "\"m\", in ethtool, names the bits to ignore: write mask, and the bits to compare")
      default:
        throw FlowRuleError(
          "\"\(word)\" is nothing of a \(type) rule; it has " + fields.joined(separator: ", ")
            + ", queue, drop, wake, vf, context, loc")
      }
    }

    private func action() throws(FlowRuleError) -> Action {
      if let special {
        guard queue == nil, function == nil else {
          throw FlowRuleError("a rule has one action, and this has two")
        }
        return special
      }
      if let function { return .virtualFunction(function, queue: queue ?? 0) }
      if let queue { return .queue(queue) }
      guard context != nil else {
        throw FlowRuleError("it has no action; add queue 3, drop, wake or context 1")
      }
      return .queue(0)
    }

    private mutating func match(_ field: Field) throws(FlowRuleError) -> Match {
      let word = try next(field.name)
      let parts = word.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      var maskText = parts.count == 2 ? String(parts[1]) : nil
      if words.first == "mask" {
        words.removeFirst()
        try once("the mask of \(field.name)", maskText)
        maskText = try next("mask")
      }
      let notation = FieldNotation(field.name)
      let size = field.range.count
      guard let value = notation.bytes(String(parts[0]), size) else {
        throw FlowRuleError("\(field.name) \(parts[0]): expected \(notation.words(size))")
      }
      if words.first == "unmasked", maskText == nil, value.contains(where: { $0 != 0 }) {
        words.removeFirst()
        return Match(field: field.name, value: value, mask: [UInt8](repeating: 0, count: size))
      }
      var mask = [UInt8](repeating: 0xff, count: size)
      if let maskText {
        guard let bytes = notation.mask(maskText, size) else {
          throw FlowRuleError("\(field.name) \(word): \"\(maskText)\" is no mask for it")
        }
        mask = bytes
      }
      guard mask.contains(where: { $0 != 0 }) else {
        throw FlowRuleError("\(field.name) \(word): no bit is compared; leave it out")
      }
      return Match(field: field.name, value: zip(value, mask).map { $0 & $1 }, mask: mask)
    }

    private mutating func next(_ after: String) throws(FlowRuleError) -> String {
      guard let word = words.popFirst() else {
        throw FlowRuleError("\"\(after)\" wants a value behind it")
      }
      return word
    }

    private func once(_ what: String, _ known: (some Any)?) throws(FlowRuleError) {
      if known != nil { throw FlowRuleError("\(what) stands there twice") }
    }

    private static func number(_ text: String, _ what: String) throws(FlowRuleError) -> UInt32 {
      guard !text.hasPrefix("+"), let number = UInt32(text) else {
        throw FlowRuleError("\(what) \(text): not a number from 0 up")
      }
      return number
    }

    private static func location(_ text: String) throws(FlowRuleError) -> UInt32 {
      text == "any" ? FlowRule.anyLocation : try number(text, "location")
    }
  }
}

// MARK: - Fields

/// How a field's bytes are written.
private enum FieldNotation {
  case address, linkAddress, decimal, hex

  init(_ field: String) {
    self =
      switch field {
      case "src-ip", "dst-ip": .address
      case "src", "dst", "dst-mac": .linkAddress
      case "spi", "l4data", "user-def", "proto", "vlan-etype", "data": .hex
      default: .decimal
      }
  }

  func words(_ size: Int) -> String {
    switch self {
    case .address: size == 4 ? "an IPv4 address" : "an IPv6 address"
    case .linkAddress: "an address such as 02:00:00:00:00:01"
    case .decimal, .hex: "a number of \(size * 8) bits, or 0x and hex digits"
    }
  }

  func text(_ bytes: [UInt8], isMask: Bool = false) -> String {
    switch self {
    case .address: IPAddress(bytes: bytes)?.description ?? Self.hex(bytes)
    case .linkAddress: Hex.text(bytes, separator: ":")
    case .decimal where !isMask: "\(bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })"
    case .decimal, .hex: Self.hex(bytes)
    }
  }

  func bytes(_ text: String, _ size: Int) -> [UInt8]? {
    let bytes: [UInt8]? =
      switch self {
      case .address: IPAddress(text)?.bytes
      case .linkAddress: Hex.bytes(text, separator: ":")
      case .decimal, .hex: Self.number(text, size)
      }
    return bytes?.count == size ? bytes : nil
  }

  func mask(_ text: String, _ size: Int) -> [UInt8]? {
    guard case .address = self, let length = Int(text) else { return bytes(text, size) }
    guard (0...size * 8).contains(length), !text.hasPrefix("+") else { return nil }
    return Self.prefix(length, size)
  }

  static func prefix(_ length: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { byte in
      let bits = min(max(length - byte * 8, 0), 8)
      return bits == 0 ? 0 : 0xff << UInt8(8 - bits)
    }
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    "0x" + Hex.text(bytes)
  }

  /// Decimal, or hex of any length up to `size` bytes.
  private static func number(_ text: String, _ size: Int) -> [UInt8]? {
    if text.hasPrefix("0x") {
      let digits = text.dropFirst(2).compactMap { $0.isASCII ? $0.hexDigitValue : nil }
      guard !digits.isEmpty, digits.count == text.count - 2, digits.count <= size * 2 else {
        return nil
      }
      let padded = [Int](repeating: 0, count: size * 2 - digits.count) + digits
      return stride(from: 0, to: size * 2, by: 2).map { UInt8(padded[$0] << 4 | padded[$0 + 1]) }
    }
    guard size <= 8, !text.hasPrefix("+"), let number = UInt64(text) else { return nil }
    guard size == 8 || number >> UInt64(size * 8) == 0 else { return nil }
    return (0..<size).reversed().map { UInt8(truncatingIfNeeded: number >> UInt64($0 * 8)) }
  }
}

extension FlowRule.Match {
  /// "80", "10.0.0.1".
  package var valueText: String { FieldNotation(field).text(value) }

  /// "dst-port 80", "dst-ip 10.0.0.0/24", "dst-port 0 mask 0x0001"; "dst-port 80 unmasked" where
  /// no mask was told.
  fileprivate var text: String {
    let notation = FieldNotation(field)
    if lacksMask { return "\(field) \(valueText) unmasked" }
    let compared = notation.text(zip(value, mask).map { $0 & $1 })
    if mask.allSatisfy({ $0 == 0xff }) { return "\(field) \(compared)" }
    let length = mask.reduce(0) { $0 + $1.nonzeroBitCount }
    if case .address = notation, mask == FieldNotation.prefix(length, mask.count) {
      return "\(field) \(compared)/\(length)"
    }
    return "\(field) \(compared) mask \(notation.text(mask, isMask: true))"
  }
}
