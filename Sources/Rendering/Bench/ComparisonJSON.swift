package import Scaling

/// `rxtune bench compare --json`.
package enum ComparisonJSON {
  package static let shape = Record<Comparison>([
    Field("rows", "What is held against what, mode by mode.", .array(of: row)) { $0.rows },
    Field(
      "cautions", "What keeps the two from being alike apart from what was changed.",
      .array(of: .string)
    ) { $0.cautions },
  ]).shape

  package static func text(_ comparison: Comparison) -> String { shape.encode(comparison).text() }

  private static let row = Record<Comparison.Row>([
    Field(
      optional: "subject", "Mode and workers; left out where the server is elsewhere.", .string
    ) { $0.subject },
    Field("of", "Whose figures are held against the other's.", .string) { $0.names.of },
    Field("over", "Whose figures are the measure.", .string) { $0.names.over },
    Field("pairs", "Rounds that have both.", .integer) { $0.pairs },
    Field("open-loop", "Load came at a set rate that both served: p99 tells, not the rate.", .bool)
    {
      $0.isOpenLoop
    },
    Field(
      "outcome", "What the intervals allow to be said.",
      .oneOf(Comparison.Outcome.allCases.map(\.rawValue))
    ) { $0.outcome.rawValue },
    Field("throughput", "Ratio of the transactions a second.", .interval) { $0.rate },
    Field(optional: "p99", "Ratio of the 99th percentiles of latency.", .interval) { $0.p99 },
    Field(optional: "cpu", "Ratio of the host's CPU time a transaction.", .interval) { $0.cpu },
    Field("sentence", "The same in words.", .string) { $0.sentence },
  ]).shape
}

extension Shape where Value == Interval {
  /// With 95 % confidence; in a comparison all rows together.
  static var interval: Shape {
    Record<Interval>([
      Field("estimate", "What is likeliest.", .number) { $0.estimate },
      Field("low", "The interval's lower end.", .number) { $0.low },
      Field("high", "The interval's upper end.", .number) { $0.high },
    ]).shape
  }
}
