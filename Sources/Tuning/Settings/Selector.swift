package import Knobs

/// A part of a device, as a person names it: "rx-3", "tx-0", "napi-261", "irq-39", "cpu2".
package enum Selector: Hashable, Sendable, CustomStringConvertible {
  case rx(Int)
  case tx(Int)
  case napi(Int)
  case irq(Int)
  case cpu(Int)

  package init?(_ text: String) {
    func number(_ prefix: String) -> Int? {
      guard text.hasPrefix(prefix) else { return nil }
      let digits = text.dropFirst(prefix.count)
      guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
        return nil
      }
      return Int(digits)
    }
    if let index = number("rx-") {
      self = .rx(index)
    } else if let index = number("tx-") {
      self = .tx(index)
    } else if let id = number("napi-") {
      self = .napi(id)
    } else if let irq = number("irq-") {
      self = .irq(irq)
    } else if let cpu = number("cpu-") ?? number("cpu") {
      self = .cpu(cpu)
    } else {
      return nil
    }
  }

  /// Whether knobs of that scope can be at such a place.
  package func fits(_ scope: Knob.Scope) -> Bool {
    switch (self, scope) {
    case (.rx, .rxQueue), (.tx, .txQueue), (.napi, .napi), (.irq, .irq), (.cpu, .cpu): true
    // The interrupt of a receive queue.
    case (.rx, .irq): true
    default: false
    }
  }

  package var description: String {
    switch self {
    case .rx(let index): "rx-\(index)"
    case .tx(let index): "tx-\(index)"
    case .napi(let id): "napi-\(id)"
    case .irq(let irq): "irq-\(irq)"
    case .cpu(let cpu): "cpu\(cpu)"
    }
  }
}
