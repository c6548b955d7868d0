import Knobs
import Notation

enum FlowRuleJSON {
  static let shape = Record<FlowRule>([
    Field("location", "Location of the rule in the table.", .counter32) { $0.location },
    Field("flow-type", "Flow type that the rule applies to.", .string) { $0.flowType },
    Field("match", "Fields that the rule compares.", .array(of: match)) {
      $0.matches
    },
    Field(
      "action", "Action of the rule.", .oneOf(["queue", "drop", "wake", "virtual-function"])
    ) { rule in
      switch rule.action {
      case .queue: "queue"
      case .drop: "drop"
      case .wake: "wake"
      case .virtualFunction: "virtual-function"
      }
    },
    Field(
      optional: "queue", "Queue of the action; with a context, added to the queue it chooses.",
      .counter32
    ) { rule in
      switch rule.action {
      case .queue(let queue), .virtualFunction(_, let queue): queue
      case .drop, .wake: nil
      }
    },
    Field(optional: "virtual-function", "Virtual function of the queue.", .counter32) { rule in
      if case .virtualFunction(let function, _) = rule.action { function } else { nil }
    },
    Field(optional: "context", "The RSS context that spreads matching packets.", .counter32) {
      $0.context
    },
  ]).shape

  private static let match = Record<FlowRule.Match>([
    Field("field", "Name of the field.", .string) { $0.field },
    Field("value", "Value that the field must have.", .string) { $0.valueText },
    Field("mask", "Bits that are compared, in hex.", .string) { Hex.text($0.mask, separator: ":") },
  ]).shape
}
