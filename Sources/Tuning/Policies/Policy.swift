package import Knobs

/// A way to choose values by the machine rather than to name them: one value, which profiles, plans,
/// help and manual pages follow.
package struct Policy: Sendable {
  /// As profiles and commands name it.
  package let name: String
  /// One line, no full stop.
  package let summary: String
  private let width: Width
  private let uses: [Use]

  /// The order is help's.
  package static let all = [
    spread, pack, hint, node, complement, sameNode, oneToOne, max, equal, off,
  ]

  /// How much a policy gives a queue. A knob lists its policies from the narrowest on; those of one
  /// width in the order of `all`.
  enum Width: CaseIterable {
    case chosen
    case queueNode
    case deviceNode
    case nothing
  }

  /// - Parameter uses: one for each knob, or each kind of them, that it suits; the first that suits
  ///   a knob is taken.
  init(_ name: String, _ summary: String, width: Width = .chosen, _ uses: Use...) {
    self.name = name
    self.summary = summary
    self.width = width
    self.uses = uses
  }

  package static func named(_ name: String) -> Policy? { all.first { $0.name == name } }

  private func use(for knob: Knob) -> Use? { uses.first { $0.suits(knob) } }

  package func suits(_ knob: Knob) -> Bool { use(for: knob) != nil }

  package static func suiting(_ knob: Knob) -> [Policy] {
    let suiting = all.filter { $0.suits(knob) }
    return Width.allCases.flatMap { width in suiting.filter { $0.width == width } }
  }

  /// Gives a knob nothing, whatever the machine.
  package var turnsOff: Bool { width == .nothing }

  // MARK: - What it chooses

  /// What there is to choose by.
  struct Basis {
    var placement: Placement
    /// The queue that the place is of, or belongs to.
    var queue: Int?
    /// What the device reports.
    var maximum: Int64?
    /// What RFS has for all queues.
    var flowEntries: () -> Int64? = { nil }
  }

  /// nil where it has no opinion.
  func value(for knob: Knob, by basis: Basis) -> KnobValue? { use(for: knob)?.value(basis) }

  /// What it would have to know of the queues' CPUs, and does not: it has no opinion then.
  func unknown(for knob: Knob, _ placement: Placement, queue: Int) -> String? {
    use(for: knob)?.unknown(placement, queue)
  }
}

extension Policy: Hashable {
  package static func == (one: Self, other: Self) -> Bool { one.name == other.name }

  package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
