/// The flow rules of a device, by location: all of them, "@7 tcp4 dst-port 80 queue 3; @9 udp4
/// drop" or "none", or with an edit those that one change wants there beside others'.
package struct FlowRuleTable: Hashable, Sendable {
  /// Each in its canonical form.
  package private(set) var rules: [FlowRule]
  package var edit: TableEdit<FlowRule>?

  package init(_ rules: [FlowRule]) {
    self.rules = rules.sorted { $0.location < $1.location }.map(\.canonical)
  }

  package var isEmpty: Bool { rules.isEmpty && edit == nil }

  /// `wanted`, where each rule for any location has the one at which it is among `present` already.
  package static func placed(_ wanted: [FlowRule], among present: [FlowRule]) -> [FlowRule] {
    var claimed = Set(wanted.map(\.location))
    return wanted.map { rule in
      guard rule.location == FlowRule.anyLocation else { return rule.canonical }
      var placed = rule.canonical
      for candidate in present.map(\.canonical) where !claimed.contains(candidate.location) {
        placed.location = candidate.location
        guard placed == candidate else { continue }
        claimed.insert(candidate.location)
        return placed
      }
      return rule.canonical
    }
  }
}

// MARK: - Beside others' rules

extension FlowRuleTable {
  /// What leads to this table from `start`, which another change may have added to since, while
  /// others' rules stay; from nil, what takes none away.
  package func edit(from start: FlowRuleTable?) -> FlowRuleTable {
    let going = Self.placed(start?.rules ?? [], among: rules).filter { !rules.contains($0) }
    var table = self
    table.edit = TableEdit(without: FlowRuleTable(going).rules)
    return table
  }

  /// The whole table that an edit makes of `present`, and why some of it cannot be there; nil where
  /// it is no edit.
  package func applied(
    to present: FlowRuleTable
  ) -> (table: FlowRuleTable, conflicts: [String])? {
    guard let edit else { return nil }
    let gone = Self.placed(edit.without, among: present.rules)
    var entries = present.rules.filter { !gone.contains($0) }
    var conflicts: [String] = []
    for rule in Self.placed(rules, among: entries) where !entries.contains(rule) {
      if let other = entries.first(where: { $0.location == rule.location }) {
        conflicts.append(
          "location \(rule.location) has another program's rule by now: \(other.body)")
      } else {
        entries.append(rule)
      }
    }
    return (FlowRuleTable(entries), conflicts)
  }

  /// Rules that none of `known` has: another program's.
  package func others(besides known: [FlowRuleTable]) -> [FlowRule] {
    let ours = known.flatMap { Self.placed($0.rules, among: rules) }
    return rules.filter { !ours.contains($0) }
  }
}

// MARK: - Text

extension FlowRuleTable: CustomStringConvertible {
  package var description: String {
    guard let edit else { return Self.text(rules) }
    let without = edit.without.isEmpty ? nil : Self.text(edit.without)
    return TableEditText(Self.text(rules), without: without).text
  }

  private static func text(_ rules: [FlowRule]) -> String {
    rules.isEmpty ? "none" : rules.map(\.text).joined(separator: "; ")
  }

  /// Reads a whole table: "none", or rules separated by semicolons.
  package init(_ text: some StringProtocol) throws(FlowRuleError) {
    self.init(try Self.rules(String(text)))
  }

  /// Reads `description` back, of an edit as well.
  package init(recorded text: String) throws(FlowRuleError) {
    let parts = TableEditText(text)
    try self.init(parts.wanted)
    guard parts.isEdit else { return }
    edit = TableEdit(without: try FlowRuleTable(parts.without ?? "none").rules)
  }

  private static func rules(_ text: String) throws(FlowRuleError) -> [FlowRule] {
    guard text != "none" else { return [] }
    var rules: [FlowRule] = []
    var taken: Set<UInt32> = []
    for part in text.split(separator: ";", omittingEmptySubsequences: false) {
      let rule = try FlowRule(part)
      guard rule.location == FlowRule.anyLocation || taken.insert(rule.location).inserted else {
        throw FlowRuleError("location \(rule.location) holds one rule, and two are given")
      }
      rules.append(rule)
    }
    return rules
  }
}
