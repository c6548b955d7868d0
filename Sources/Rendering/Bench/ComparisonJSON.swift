package import Notation
package import Scaling

/// `rxtune bench compare --json`.
package enum ComparisonJSON {
  package static let shape = Record<Comparison>([
    Field("rows", "Comparisons, by mode.", .array(of: row)) { $0.rows },
    Field(
      "cautions", "Other differences between the two that may explain the outcome.",
      .array(of: .string)
    ) { $0.cautions.map(ComparisonText.text) },
  ]).shape

  package static func json(_ comparison: Comparison) -> JSON { shape.encode(comparison) }

  private static let row = Record<Comparison.Row>([
    Field(
      optional: "subject", "Mode and workers; omitted if the server is on another host.", .string
    ) { ComparisonText.subject($0) },
    Field("of", "Numerator of the ratios.", .string) { $0.names.of },
    Field("over", "Denominator of the ratios (the baseline).", .string) { $0.names.over },
    Field("pairs", "Rounds that measured both.", .integer) { $0.pairs },
    Field(
      "open-loop",
      """
      Whether load came at a fixed rate that both served: then compare p99, not throughput.
      """, .bool
    ) {
      $0.isOpenLoop
    },
    Field(
      "outcome", "Outcome that the intervals support.",
      .oneOf(Comparison.Outcome.allCases.map(\.rawValue))
    ) { $0.outcome.rawValue },
    Field("throughput", "Ratio of transactions per second.", .interval) { $0.rate },
    Field(optional: "p99", "Ratio of p99 latency.", .interval) { $0.p99 },
    Field(optional: "cpu", "Ratio of the host's CPU time per transaction.", .interval) { $0.cpu },
    Field("sentence", "The outcome in words.", .string) { ComparisonText.sentence($0) },
  ]).shape
}

extension Shape where Value == Interval {
  /// With 95 % confidence; in a comparison all rows together.
  static var interval: Shape {
    Record<Interval>([
      Field("estimate", "Point estimate.", .number) { $0.estimate },
      Field("low", "Lower bound of the interval.", .number) { $0.low },
      Field("high", "Upper bound of the interval.", .number) { $0.high },
    ]).shape
  }
}
