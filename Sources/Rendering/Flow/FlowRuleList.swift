package import Knobs

extension Words {
  /// "rule 7: tcp4 dst-port 80 → queue 3".
  static func rule(_ rule: FlowRule) -> String {
    let rule = rule.canonical
    return "rule \(rule.location): \(rule.conditions) → \(rule.actionText)"
  }
}

/// `rxtune ntuple list`: rules in the words that add takes.
package struct FlowRuleList: Document, Sendable {
  private let device: String
  private let rules: [FlowRule]

  package init(_ rules: [FlowRule], of device: String) {
    self.device = device
    self.rules = rules
  }

  package var lines: [String] {
    guard !rules.isEmpty else { return ["no rules"] }
    var table = Table([.right("LOC"), .left("RULE")])
    for rule in rules { table.add(["\(rule.location)", rule.canonical.body]) }
    return table.lines()
  }

  package static let shape = Record<FlowRuleList>([
    Field("device", "The device.", .string) { $0.device },
    Field("rules", "Flow rules (ntuple), by location.", .array(of: FlowRuleJSON.shape)) {
      $0.rules
    },
  ]).shape
}
