/// What makes a table that other programs write to as well an edit: its entries are to be there,
/// some are to go, and all others stay.
package struct TableEdit<Entry: Hashable & Sendable>: Hashable, Sendable {
  /// Entries to go.
  package var without: [Entry]
  /// Of contexts, the numbers that may belong to another by now, for they were given back.
  package var again: [UInt32] = []
}

/// The words of an edit, around the tables in it: "none [and others, without @7 tcp4 dst-port 80
/// queue 3]".
struct TableEditText {
  var wanted: String
  var isEdit = true
  var without: String?
  var again: String?

  private static let others = " [and others"
  private static let withoutMark = ", without "
  private static let againMark = ", again "

  init(_ wanted: String, without: String?, again: [UInt32] = []) {
    (self.wanted, self.without) = (wanted, without)
    if !again.isEmpty { self.again = again.map(String.init).joined(separator: " ") }
  }

  var text: String {
    wanted + Self.others + (without.map { Self.withoutMark + $0 } ?? "")
      + (again.map { Self.againMark + $0 } ?? "") + "]"
  }

  /// Reads `text` back; all of it is the wanted table where it is no edit.
  init(_ text: some StringProtocol) {
    wanted = String(text)
    isEdit = false
    guard wanted.hasSuffix("]"), let start = wanted.firstRange(of: Self.others) else { return }
    var rest = wanted[start.upperBound...].dropLast()
    var (without, again): (String?, String?)
    if let mark = rest.firstRange(of: Self.againMark) {
      again = String(rest[mark.upperBound...])
      rest = rest[..<mark.lowerBound]
    }
    if rest.hasPrefix(Self.withoutMark) {
      without = String(rest.dropFirst(Self.withoutMark.count))
    } else if !rest.isEmpty {
      return
    }
    isEdit = true
    wanted = String(wanted[..<start.lowerBound])
    (self.without, self.again) = (without, again)
  }

  var numbersAgain: [UInt32] { (again ?? "").split(separator: " ").compactMap { UInt32($0) } }
}

// MARK: - Of values

extension Knob {
  /// Whether other programs write to the table as well: flow rules, and RSS contexts. A change of it
  /// is undone, kept and verified by what it added and took away.
  package var isSharedTable: Bool { form == .rules || form == .contexts }
}

extension KnobValue {
  /// What leads to this value from `left` while others' entries stay; itself where it is no whole
  /// table of that kind.
  ///
  /// - Parameter left: nil where nothing of the table is to go.
  /// - Parameter isBack: whether what `left` lacks was given back, and may be another's by now.
  package func edit(from left: KnobValue?, isBack: Bool = false) -> KnobValue {
    switch (self, left) {
    case (.rules(let wanted), .rules(let left)?) where wanted.edit == nil:
      .rules(wanted.edit(from: left))
    case (.rules(let wanted), _) where wanted.edit == nil: .rules(wanted.edit(from: nil))
    case (.contexts(let wanted), .contexts(let left)?) where wanted.edit == nil:
      .contexts(wanted.edit(from: left, isBack: isBack))
    case (.contexts(let wanted), _) where wanted.edit == nil:
      .contexts(wanted.edit(from: nil, isBack: isBack))
    default: self
    }
  }

  /// The whole table that an edit makes of what is there, and what of it cannot be; nil where this
  /// is no edit.
  package func applied(to present: KnobValue) -> (table: KnobValue, conflicts: [String])? {
    switch (self, present) {
    case (.rules(let edit), .rules(let present)):
      edit.applied(to: present).map { (.rules($0.table), $0.conflicts) }
    case (.contexts(let edit), .contexts(let present)):
      edit.applied(to: present).map { (.contexts($0.table), $0.conflicts) }
    default: nil
    }
  }

  /// Entries of the table that none of `known` has: another program's.
  package func others(besides known: [KnobValue]) -> [String] {
    switch self {
    case .rules(let table):
      let known = known.compactMap { if case .rules(let table) = $0 { table } else { nil } }
      return table.others(besides: known).map(\.text)
    case .contexts(let table):
      let known = known.compactMap { if case .contexts(let table) = $0 { table } else { nil } }
      return table.others(besides: known).map { "context \($0)" }
    default: return []
    }
  }
}
