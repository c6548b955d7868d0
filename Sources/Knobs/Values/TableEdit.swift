/// What one change does to a table that other programs write to as well: entries that are to be
/// there, and entries that are to go. All others stay.
///
/// As text, it is the table and what is done to the one that is found: "none [and others, without
/// @7 tcp4 dst-port 80 queue 3]".
package struct TableEdit: Hashable, Sendable {
  /// Spelled as the table is.
  var wanted: String
  /// Entries to go; of contexts, their numbers.
  var without: String?
  /// Of contexts, the numbers that may belong to another by now, for they were given back.
  package var again: String?

  init(_ wanted: String, without: String? = nil, again: String? = nil) {
    (self.wanted, self.without, self.again) = (wanted, without, again)
  }

  private static let others = " [and others"
  private static let withoutMark = ", without "
  private static let againMark = ", again "

  package var text: String {
    wanted + Self.others + (without.map { Self.withoutMark + $0 } ?? "")
      + (again.map { Self.againMark + $0 } ?? "") + "]"
  }

  /// Reads `text` back; nil where it is a whole table.
  package init?(_ text: String) {
    guard text.hasSuffix("]"), let start = text.range(of: Self.others) else { return nil }
    wanted = String(text[..<start.lowerBound])
    var rest = text[start.upperBound...].dropLast()
    if let mark = rest.range(of: Self.againMark) {
      again = String(rest[mark.upperBound...])
      rest = rest[..<mark.lowerBound]
    }
    if rest.hasPrefix(Self.withoutMark) {
      without = String(rest.dropFirst(Self.withoutMark.count))
    } else if !rest.isEmpty {
      return nil
    }
  }

  /// What became of a table.
  package struct Result<Entry> {
    package var entries: [Entry]
    /// Why some of what was wanted cannot be there: another program's entry has its place.
    package var conflicts: [String] = []
  }
}

extension StringProtocol {
  fileprivate func range(of mark: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(mark) {
        return start..<index(start, offsetBy: mark.count)
      }
      start = index(after: start)
    }
    return nil
  }
}

// MARK: - Flow rules

extension FlowRuleTable {
  /// What leads from a table `left` to `wanted` while others' rules stay.
  package static func edit(from left: [FlowRule], to wanted: [FlowRule]) -> TableEdit {
    let wanted = wanted.map(\.canonical)
    let going = placed(left, among: wanted).filter { !wanted.contains($0) }
    return TableEdit(text(wanted), without: going.isEmpty ? nil : text(going))
  }

  /// The table that an edit makes of `present`; nil where it is spelled wrongly.
  package static func applied(
    _ edit: TableEdit, to present: [FlowRule]
  ) -> TableEdit.Result<FlowRule>? {
    guard let wanted = try? rules(edit.wanted), let going = try? rules(edit.without ?? "none")
    else {
      return nil
    }
    let present = present.map(\.canonical)
    let gone = placed(going, among: present)
    var result = TableEdit.Result(entries: present.filter { !gone.contains($0) })
    for rule in placed(wanted, among: result.entries) where !result.entries.contains(rule) {
      if let other = result.entries.first(where: { $0.location == rule.location }) {
        result.conflicts.append(
          "location \(rule.location) has another program's rule by now: \(other.body)")
      } else {
        result.entries.append(rule)
      }
    }
    return result
  }
}

// MARK: - RSS contexts

extension RSSContextTable {
  /// What leads from contexts `left` to `wanted` while others' contexts stay; with nil for `left`,
  /// what keeps `wanted` among them.
  package static func edit(from left: [RSSContext]?, to wanted: [RSSContext]) -> TableEdit {
    let numbers = Set(wanted.compactMap(\.number))
    let going = left?.filter { $0.number.map { !numbers.contains($0) } ?? true } ?? []
    let known = left.map { Set($0.compactMap(\.number)) }
    let again = known.map { known in numbers.filter { !known.contains($0) } } ?? []
    return TableEdit(
      text(wanted), without: going.isEmpty ? nil : text(going),
      again: again.isEmpty ? nil : again.sorted().map(String.init).joined(separator: " "))
  }

  /// The contexts that an edit makes of `present`; nil where it is spelled wrongly.
  package static func applied(
    _ edit: TableEdit, to present: [RSSContext]
  ) -> TableEdit.Result<RSSContext>? {
    guard let wanted = try? contexts(edit.wanted),
      let going = try? contexts(edit.without ?? "none")
    else { return nil }
    let again = Set((edit.again ?? "").split(separator: " ").compactMap { UInt32($0) })
    let gone = Set(placed(going, among: present).compactMap(\.number))
    var result = TableEdit.Result(
      entries: present.filter { $0.number.map { !gone.contains($0) } ?? true })
    for context in placed(wanted, among: result.entries) {
      let index = result.entries.firstIndex { $0.number == context.number && $0.number != nil }
      guard let index else {
        result.entries.append(context)
        continue
      }
      if let number = context.number, again.contains(number),
        !context.accepts(result.entries[index])
      {
        result.conflicts.append("context \(number) is another program's by now")
      } else {
        result.entries[index] = context
      }
    }
    return result
  }
}
