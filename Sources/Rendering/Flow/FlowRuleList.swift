package import ReceivePath

extension Table {
  /// `rxtune ntuple list`: rules in the words that add takes.
  package static func flowRules(_ rules: [FlowRule]) -> Table {
    var table = Table([.right("LOC"), .left("RULE")])
    for rule in rules { table.add(["\(rule.location)", rule.canonical.body]) }
    return table
  }
}

/// `rxtune ntuple list --json`.
package enum FlowRuleJSON {
  package static let shape = Record<(device: String, rules: [FlowRule])>([
    Field("device", "The device.", .string) { $0.device },
    Field("rules", "Classification rules (ntuple), by location.", .array(of: ShowJSON.rule)) {
      $0.rules
    },
  ]).shape
}
