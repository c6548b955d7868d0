import Histogram

/// A latency distribution in nanoseconds, from an HdrHistogram of three digits.
package struct LatencySummary: Codable, Hashable, Sendable {
  package var count: UInt64
  package var mean: Double
  package var min: UInt64
  package var p50: UInt64
  package var p90: UInt64
  package var p99: UInt64
  package var p999: UInt64
  package var p9999: UInt64
  package var max: UInt64

  /// nil where nothing was recorded: there is no latency of nothing.
  init?(_ histogram: Histogram<UInt64>) {
    guard histogram.totalCount > 0 else { return nil }
    count = histogram.totalCount
    mean = histogram.mean
    min = histogram.min
    p50 = histogram.valueAtPercentile(50)
    p90 = histogram.valueAtPercentile(90)
    p99 = histogram.valueAtPercentile(99)
    p999 = histogram.valueAtPercentile(99.9)
    p9999 = histogram.valueAtPercentile(99.99)
    max = histogram.max
  }

  /// The percentiles by name, in order.
  package static let percentiles: [(name: String, value: @Sendable (LatencySummary) -> UInt64)] = [
    ("p50", { $0.p50 }), ("p90", { $0.p90 }), ("p99", { $0.p99 }), ("p99.9", { $0.p999 }),
    ("p99.99", { $0.p9999 }),
  ]
}
