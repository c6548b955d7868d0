package import Knobs

/// One line of what is wanted: a knob, and values for it.
package struct Request: Hashable, Sendable {
  package var knob: Knob
  package var value: Wanted
  package var reason: Reason
  /// False where a device that lacks the knob is only to be told of (profiles).
  package var isRequired: Bool
  /// Only these places ("rx-3"), or all.
  package var places: Set<Selector>?

  package init(
    _ knob: Knob, _ value: Wanted, reason: Reason = Reason(), isRequired: Bool = true,
    places: Set<Selector>? = nil
  ) {
    self.knob = knob
    self.value = value
    self.reason = reason
    self.isRequired = isRequired
    self.places = places
  }

  /// The places that are named, in order; nil where all are meant.
  var selected: [Selector]? {
    let named: [Selector]? =
      if case .each(let values) = value { Array(values.keys) } else { places.map(Array.init) }
    return named?.sorted { $0.description < $1.description }
  }

  package enum Wanted: Hashable, Sendable {
    /// A value as a person writes it.
    case literal(String)
    case policy(Policy)
    /// A value for each of some places.
    case each([Selector: String])

    /// Reads a word: a policy that suits the knob, or a value.
    package init(_ text: String, for knob: Knob) {
      if let policy = Policy(rawValue: text), Policy.suitable(for: knob).contains(policy),
        !(policy == .off && knob.form == .flag)
      {
        self = .policy(policy)
      } else {
        self = .literal(text)
      }
    }
  }
}

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
