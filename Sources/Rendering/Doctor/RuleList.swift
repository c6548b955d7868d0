package import Diagnosis

/// `rxtune doctor --rules`: what is looked for.
package struct RuleList: Document, Sendable {
  private let rules: [Rule]

  package init(_ rules: [Rule] = Rule.all) {
    self.rules = rules
  }

  package var lines: [String] {
    var table = Table([.left("RULE"), .left("KIND"), .left("LOOKS FOR")])
    for rule in rules { table.add([rule.id, rule.kind.rawValue, rule.title]) }
    return table.lines()
  }

  package static let shape = Record<RuleList>([
    Field("rules", "The rules, what is hit most often first.", .array(of: rule)) { $0.rules }
  ]).shape

  private static let rule = Record<Rule>([
    Field("id", "Id of the rule.", .string) { $0.id },
    Field("title", "What it looks for.", .string) { $0.title },
    Field(
      "kind", "state: one snapshot tells; rate: it takes two; both: two tell more.",
      .oneOf(Rule.Kind.allCases.map(\.rawValue))
    ) { $0.kind.rawValue },
    Field("document", "Where it is documented.", .string) { $0.document },
    Field("explains", "Rules whose findings may follow from its own.", .array(of: .string)) {
      $0.explains
    },
  ]).shape
}
