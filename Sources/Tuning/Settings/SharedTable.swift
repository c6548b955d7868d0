import KernelIO
import Knobs
import Netlink
import ReceivePath

/// Tables that other programs write to as well: flow rules, and RSS contexts. A change of them is
/// undone, kept and verified by what it added and took away.
enum SharedTable {
  static func isOne(_ knob: Knob) -> Bool {
    knob.access == .flowRules || knob.access == .rss(.contexts)
  }

  /// What leads from `left` to `wanted` while others' entries stay; `wanted` itself where the knob
  /// is no such table.
  ///
  /// - Parameter left: nil where nothing of the table is to go.
  /// - Parameter isBack: whether what `left` lacks was given back, and may be another's by now.
  static func edit(
    _ knob: Knob, from left: KnobValue?, to wanted: KnobValue, isBack: Bool = false
  ) -> KnobValue {
    guard case .text(let wantedText) = wanted else { return wanted }
    let leftText: String? = if case .text(let text)? = left { text } else { nil }
    switch knob.access {
    case .flowRules:
      guard let wanted = try? FlowRuleTable.rules(wantedText),
        let left = try? FlowRuleTable.rules(leftText ?? "none")
      else { return .text(wantedText) }
      return .text(FlowRuleTable.edit(from: left, to: wanted).text)
    case .rss(.contexts):
      guard let wanted = try? RSSContextTable.contexts(wantedText) else { return .text(wantedText) }
      let left = leftText.flatMap { try? RSSContextTable.contexts($0) }
      var edit = RSSContextTable.edit(from: left, to: wanted)
      if !isBack { edit.again = nil }
      return .text(edit.text)
    default: return wanted
    }
  }

  /// The table that an edit makes of what is there, and what of it cannot be; nil where `value` is
  /// no edit.
  static func applied(
    _ value: KnobValue, of knob: Knob, to present: KnobValue
  ) -> (table: KnobValue, conflicts: [String])? {
    guard case .text(let text) = value, isOne(knob), let edit = TableEdit(text),
      case .text(let present) = present
    else { return nil }
    if knob.access == .flowRules {
      guard let rules = try? FlowRuleTable.rules(present),
        let result = FlowRuleTable.applied(edit, to: rules)
      else { return nil }
      return (.text(FlowRuleTable.text(result.entries)), result.conflicts)
    }
    guard let contexts = try? RSSContextTable.contexts(present),
      let result = RSSContextTable.applied(edit, to: contexts)
    else { return nil }
    return (.text(RSSContextTable.text(result.entries)), result.conflicts)
  }

  /// Entries of the table that none of `known` has: another program's.
  static func others(in found: KnobValue, of knob: Knob, besides known: [KnobValue]) -> [String] {
    func texts(_ values: [KnobValue]) -> [String] {
      values.compactMap { if case .text(let text) = $0 { text } else { nil } }
    }
    guard let found = texts([found]).first else { return [] }
    if knob.access == .flowRules {
      let present = ((try? FlowRuleTable.rules(found)) ?? []).map(\.canonical)
      let ours = texts(known).flatMap { text in
        FlowRuleTable.placed((try? FlowRuleTable.rules(text)) ?? [], among: present)
      }
      return present.filter { !ours.contains($0) }.map(\.text)
    }
    let present = (try? RSSContextTable.contexts(found)) ?? []
    let ours = texts(known).flatMap { text in
      RSSContextTable.placed((try? RSSContextTable.contexts(text)) ?? [], among: present)
        .compactMap(\.number)
    }
    return present.filter { $0.number.map { !ours.contains($0) } ?? false }
      .map { "context \($0.text)" }
  }

  /// The refusal of what cannot be there.
  static func refusal(_ conflicts: [String], _ knob: Knob, _ place: Place) -> KernelError {
    KernelError(
      "write", "\(place) \(knob.id)", .errno(.exists),
      extendedAck: ExtendedAck(message: conflicts.joined(separator: "; ")))
  }
}

extension Setting {
  /// The setting, without harm to others' entries in the table that it is of.
  var besideOthers: Setting {
    Setting(knob, at: place, SharedTable.edit(knob, from: nil, to: value))
  }
}
