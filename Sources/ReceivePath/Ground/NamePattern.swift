/// A name that a driver composes, spelled as its source spells the format: "%i-TxRx-%n".
///
/// | | stands for |
/// | --- | --- |
/// | `%n` | a decimal number; of several, the last is told |
/// | `%i` | an interface's name |
/// | `%r` | the words of a vector that receives: rx, TxRx, RxTx, Tx-Rx |
/// | `%b` | the device's name on its bus |
/// | `%x` | the same without dashes, as xenbus devices are called ("vif-0", "vif0") |
/// | `%d` | the driver's name |
///
/// All else stands for itself, in whatever case.
struct NamePattern: Sendable {
  /// What is known of the device that a name may belong to.
  struct Context {
    var busName: [UInt8]?
    var driver: [UInt8]?
  }

  struct Match: Equatable {
    var number: Int?
    var interface: [UInt8]?
  }

  private enum Part: Sendable {
    case literal([UInt8])
    case number, interface, receiving, bus, dashlessBus, driver
  }

  private let parts: [Part]
  /// True where a name shows the interface, false where it shows nothing or another thing.
  let showsInterface: Bool

  init(_ format: String) {
    var parts: [Part] = []
    var literal: [UInt8] = []
    var isEscaped = false
    for byte in format.utf8 {
      guard isEscaped else {
        if byte == UInt8(ascii: "%") { isEscaped = true } else { literal.append(byte.lowercased) }
        continue
      }
      isEscaped = false
      if !literal.isEmpty { parts.append(.literal(literal)) }
      literal = []
      switch byte {
      case UInt8(ascii: "n"): parts.append(.number)
      case UInt8(ascii: "i"): parts.append(.interface)
      case UInt8(ascii: "r"): parts.append(.receiving)
      case UInt8(ascii: "b"): parts.append(.bus)
      case UInt8(ascii: "x"): parts.append(.dashlessBus)
      case UInt8(ascii: "d"): parts.append(.driver)
      default: literal.append(byte)
      }
    }
    if !literal.isEmpty { parts.append(.literal(literal)) }
    self.parts = parts
    showsInterface = parts.contains { if case .interface = $0 { true } else { false } }
  }

  /// - Returns: nil where the name is not one of this pattern.
  func match(_ name: [UInt8], _ context: Context = Context()) -> Match? {
    match(name[...], parts[...], context)
  }

  private func match(
    _ name: ArraySlice<UInt8>, _ parts: ArraySlice<Part>, _ context: Context
  ) -> Match? {
    guard let part = parts.first else { return name.isEmpty ? Match() : nil }
    let rest = parts.dropFirst()
    switch part {
    case .literal(let text): return match(name, after: text, rest, context)
    case .bus: return context.busName.flatMap { match(name, after: $0, rest, context) }
    case .driver: return context.driver.flatMap { match(name, after: $0, rest, context) }
    case .dashlessBus:
      let dash = UInt8(ascii: "-")
      return context.busName.flatMap {
        match(name, after: $0.filter { $0 != dash }, rest, context)
      }
    case .number:
      let digits = name.prefix { (0x30...0x39).contains($0) }
      guard let number = digits.decimal else { return nil }
      var found = match(name[digits.endIndex...], rest, context)
      if found != nil, found?.number == nil { found?.number = number }
      return found
    case .receiving:
      for words in Self.receivingWords {
        if let found = match(name, after: words, rest, context) { return found }
      }
      return nil
    case .interface:
      // The shortest first: "eth0-Tx-Rx-3" is eth0's.
      for count in stride(from: 1, through: min(name.count, InterfaceName.limit), by: 1) {
        let interface = name.prefix(count)
        guard InterfaceName.isValid(interface) else { continue }
        if var found = match(name.dropFirst(count), rest, context) {
          found.interface = Array(interface)
          return found
        }
      }
      return nil
    }
  }

  private func match(
    _ name: ArraySlice<UInt8>, after text: [UInt8], _ rest: ArraySlice<Part>, _ context: Context
  ) -> Match? {
    guard name.count >= text.count else { return nil }
    for (index, byte) in text.enumerated() {
      let other = name[name.startIndex + index]
      guard byte == other || byte.lowercased == other.lowercased else { return nil }
    }
    return match(name.dropFirst(text.count), rest, context)
  }

  private static let receivingWords = ["txrx", "tx-rx", "rxtx", "rx"].map { Array($0.utf8) }
}

/// Which names the kernel gives to interfaces (dev_valid_name in net/core/dev.c).
enum InterfaceName {
  /// IFNAMSIZ, less the NUL.
  static let limit = 15

  static func isValid(_ name: some Collection<UInt8>) -> Bool {
    (1...limit).contains(name.count) && !name.elementsEqual(".".utf8)
      && !name.elementsEqual("..".utf8)
      && !name.contains {
        $0 <= 0x20 || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ":") || $0 == 0x7f
      }
  }
}

extension UInt8 {
  fileprivate var lowercased: UInt8 { (0x41...0x5a).contains(self) ? self | 0x20 : self }
}
