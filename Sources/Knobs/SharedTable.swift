extension Knob {
  /// Whether other programs write to the table as well: flow rules, and RSS contexts. A change of it
  /// is undone, kept and verified by what it added and took away.
  package var isSharedTable: Bool { form == .rules || form == .contexts }
}

extension KnobValue {
  /// What leads to this value from `start` while others' entries stay; itself where it is no whole
  /// table of that kind.
  ///
  /// - Parameter start: nil where nothing of the table is to go.
  /// - Parameter isBack: whether what `start` lacks was given back, and may be another's by now.
  package func edit(from start: KnobValue?, isBack: Bool = false) -> KnobValue {
    switch (self, start) {
    case (.rules(let wanted), .rules(let start)?) where wanted.edit == nil:
      .rules(wanted.edit(from: start))
    case (.rules(let wanted), _) where wanted.edit == nil: .rules(wanted.edit(from: nil))
    case (.contexts(let wanted), .contexts(let start)?) where wanted.edit == nil:
      .contexts(wanted.edit(from: start, isBack: isBack))
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
