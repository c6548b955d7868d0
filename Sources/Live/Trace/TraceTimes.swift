import Histogram

/// A distribution of times in nanoseconds: an HdrHistogram of three digits, and the exact sum.
struct TraceCounter {
  private var histogram: Histogram<UInt64>
  private(set) var sum: UInt64 = 0

  /// Up to an hour; longer times are taken for one.
  private static let longest: UInt64 = 3_600_000_000_000

  init(digits: SignificantDigits = .three) {
    histogram = Histogram(
      lowestDiscernibleValue: 1, highestTrackableValue: Self.longest,
      numberOfSignificantValueDigits: digits)
  }

  mutating func record(_ nanoseconds: UInt64) {
    sum &+= nanoseconds
    histogram.record(min(nanoseconds, Self.longest))
  }

  /// nil where nothing was recorded: there is no time of nothing.
  var times: TraceTimes? {
    guard histogram.totalCount > 0 else { return nil }
    return TraceTimes(
      count: histogram.totalCount, sum: sum, p50: histogram.valueAtPercentile(50),
      p90: histogram.valueAtPercentile(90), p99: histogram.valueAtPercentile(99),
      p999: histogram.valueAtPercentile(99.9), max: histogram.max)
  }
}

/// What a distribution of times comes to, in nanoseconds.
package struct TraceTimes: Hashable, Sendable {
  package var count: UInt64
  /// Exact.
  package var sum: UInt64
  /// Of three digits.
  package var p50: UInt64
  package var p90: UInt64
  package var p99: UInt64
  package var p999: UInt64
  package var max: UInt64

  package init(
    count: UInt64, sum: UInt64, p50: UInt64, p90: UInt64, p99: UInt64, p999: UInt64, max: UInt64
  ) {
    self.count = count
    self.sum = sum
    self.p50 = p50
    self.p90 = p90
    self.p99 = p99
    self.p999 = p999
    self.max = max
  }

  package var mean: Double { count == 0 ? 0 : Double(sum) / Double(count) }
}
