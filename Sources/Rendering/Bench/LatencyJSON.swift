import Scaling

/// Latency of transactions, with what it takes to join that of several loads.
enum LatencyJSON {
  typealias Measured = (summary: LatencySummary, buckets: LatencyBuckets)

  static let shape = Record<Measured>(
    fields { $0.summary } + [
      Field("histogram", "The distribution; add up counts of equal values.", histogram) {
        $0.buckets
      }
    ]
  ).shape

  static let summary = Record<LatencySummary>(fields { $0 }).shape

  private static func fields<Subject>(
    _ summary: @escaping @Sendable (Subject) -> LatencySummary
  ) -> [Field<Subject>] {
    [
      Field("count", "Number of transactions.", .counter) { summary($0).count },
      Field("mean", "Mean.", .number) { summary($0).mean },
      Field("min", "Minimum.", .counter) { summary($0).min },
      Field("p50", "Median.", .counter) { summary($0).p50 },
      Field("p90", "90th percentile.", .counter) { summary($0).p90 },
      Field("p99", "99th percentile.", .counter) { summary($0).p99 },
      Field("p999", "99.9th percentile.", .counter) { summary($0).p999 },
      Field("p9999", "99.99th percentile.", .counter) { summary($0).p9999 },
      Field("max", "Maximum.", .counter) { summary($0).max },
    ]
  }

  private static let histogram = Record<LatencyBuckets>([
    Field("unit", "Unit of the values.", .oneOf(["ns"])) { _ in "ns" },
    Field("digits", "Significant decimal digits (HdrHistogram).", .integer) { _ in
      LatencyBuckets.digits
    },
    Field("values", "Least value of each bucket that holds any.", .array(of: .counter)) {
      $0.values
    },
    Field("counts", "Number of transactions in each of these.", .array(of: .counter)) {
      $0.counts
    },
  ]).shape
}
