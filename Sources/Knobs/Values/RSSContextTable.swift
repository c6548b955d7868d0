/// The RSS contexts of a device beside the main one, by number: all of them, "1 equal 2; 3
/// 0*64,1*64" or "none", or with an edit those that one change wants there beside others'.
package struct RSSContextTable: Hashable, Sendable {
  package private(set) var contexts: [RSSContext]
  package var edit: TableEdit<RSSContext>?

  package init(_ contexts: [RSSContext]) {
    self.contexts = contexts.sorted { ($0.number ?? .max) < ($1.number ?? .max) }
  }

  package var isEmpty: Bool { contexts.isEmpty && edit == nil }

  /// The highest queue that one of them leads to.
  package var highestQueue: UInt32? { contexts.compactMap(\.table?.highestQueue).max() }

  /// Without the keys, which are secrets of their host.
  package var withoutKeys: RSSContextTable {
    var table = self
    for index in contexts.indices { table.contexts[index].key = nil }
    return table
  }

  /// "1-2" for a sentence; "none" where there is none.
  package var numbers: String {
    let numbers = contexts.compactMap(\.number).map { Int($0) }
    return numbers.isEmpty ? "none" : CPUSet(numbers).list
  }

  /// `wanted`, where one without a number has that under which it is among `present`.
  package static func placed(_ wanted: [RSSContext], among present: [RSSContext]) -> [RSSContext] {
    var claimed = Set(wanted.compactMap(\.number))
    return wanted.map { context in
      guard context.number == nil,
        let found = present.first(where: { candidate in
          candidate.number.map { !claimed.contains($0) } == true && context.accepts(candidate)
        }), let number = found.number
      else { return context }
      claimed.insert(number)
      var context = context
      context.number = number
      return context
    }
  }

  /// How these will read once they are written where `present` is.
  package func expected(among present: [RSSContext]) -> RSSContextTable {
    RSSContextTable(
      Self.placed(contexts, among: present).map { context in
        present.first { $0.number == context.number }.map { $0.successor(context) } ?? context
      })
  }
}

extension RSSContext {
  /// What it is told as, once `wanted` is written to it.
  fileprivate func successor(_ wanted: RSSContext) -> RSSContext {
    wanted.accepts(self) ? self : wanted.filled(from: self)
  }
}

// MARK: - Beside others' contexts

extension RSSContextTable {
  /// What leads to this table from `start`, which another change may have added to since, while
  /// others' contexts stay; from nil, what takes none away.
  ///
  /// - Parameter isBack: whether what `start` lacks was given back, and may be another's by now.
  package func edit(from start: RSSContextTable?, isBack: Bool) -> RSSContextTable {
    let numbers = Set(contexts.compactMap(\.number))
    let going =
      start?.contexts.filter { $0.number.map { !numbers.contains($0) } ?? true } ?? []
    var edit = TableEdit(without: going)
    if isBack, let start {
      let known = Set(start.contexts.compactMap(\.number))
      edit.again = numbers.filter { !known.contains($0) }.sorted()
    }
    var table = self
    table.edit = edit
    return table
  }

  /// The whole table that an edit makes of `present`, and why some of it cannot be there; nil where
  /// it is no edit.
  package func applied(
    to present: RSSContextTable
  ) -> (table: RSSContextTable, conflicts: [String])? {
    guard let edit else { return nil }
    let gone = Set(Self.placed(edit.without, among: present.contexts).compactMap(\.number))
    var entries = present.contexts.filter { $0.number.map { !gone.contains($0) } ?? true }
    var conflicts: [String] = []
    for context in Self.placed(contexts, among: entries) {
      let index = entries.firstIndex { $0.number == context.number && $0.number != nil }
      guard let index else {
        entries.append(context)
        continue
      }
      if let number = context.number, edit.again.contains(number), !context.accepts(entries[index])
      {
        conflicts.append("context \(number) is another program's by now")
      } else {
        entries[index] = context
      }
    }
    return (RSSContextTable(entries), conflicts)
  }

  /// Contexts that none of `known` has: another program's.
  package func others(besides known: [RSSContextTable]) -> [RSSContext] {
    let ours = known.flatMap { Self.placed($0.contexts, among: contexts).compactMap(\.number) }
    return contexts.filter { $0.number.map { !ours.contains($0) } ?? false }
  }
}

// MARK: - Text

extension RSSContextTable: CustomStringConvertible {
  package var description: String {
    guard let edit else { return Self.text(contexts) }
    let without = edit.without.isEmpty ? nil : Self.text(edit.without)
    return TableEditText(Self.text(contexts), without: without, again: edit.again).text
  }

  private static func text(_ contexts: [RSSContext]) -> String {
    contexts.isEmpty ? "none" : contexts.map(\.description).joined(separator: "; ")
  }

  /// Reads a whole table: "none", or contexts separated by semicolons.
  package init(_ text: some StringProtocol) throws(RSSContextError) {
    self.init(try Self.contexts(String(text)))
  }

  /// Reads `description` back, of an edit as well.
  package init(recorded text: String) throws(RSSContextError) {
    let parts = TableEditText(text)
    try self.init(parts.wanted)
    guard parts.isEdit else { return }
    edit = TableEdit(
      without: try RSSContextTable(parts.without ?? "none").contexts, again: parts.numbersAgain)
  }

  private static func contexts(_ text: String) throws(RSSContextError) -> [RSSContext] {
    guard text != "none" else { return [] }
    var contexts: [RSSContext] = []
    for part in text.split(separator: ";", omittingEmptySubsequences: false) {
      let context = try RSSContext(part)
      if let number = context.number, contexts.contains(where: { $0.number == number }) {
        throw RSSContextError("context \(number) is given twice")
      }
      contexts.append(context)
    }
    return contexts
  }
}
