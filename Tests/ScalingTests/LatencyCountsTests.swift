import Glibc
import Histogram
import Testing

@testable import Scaling

/// A load thread's own buckets against those of the library that reads them.
@Suite("Latency counts") struct LatencyCountsTests {
  /// The same values counted by both.
  private struct Pair: ~Copyable {
    let counts = LatencyCounts()
    var direct = LatencyCounts.emptyHistogram

    mutating func record(_ value: UInt64) {
      #expect(counts.record(value) == direct.record(value), "\(value)")
    }

    var folded: Histogram<UInt64> {
      var histogram = LatencyCounts.emptyHistogram
      counts.add(to: &histogram)
      return histogram
    }
  }

  private func buckets(_ histogram: Histogram<UInt64>) -> [[UInt64]] {
    histogram.recordedValues().map { [$0.value, $0.count] }
  }

  /// Both ends of every bucket there is fall where the library has them.
  @Test func bucketsAreThoseOfTheLibrary() {
    var pair = Pair()
    var (value, ends): (UInt64, UInt64) = (0, 0)
    while value < 1 << 42 {
      let range = pair.direct.equivalentRangeForValue(value)
      for end in Set([range.lowerBound, range.upperBound]) {
        pair.record(end)
        ends += 1
      }
      value = range.upperBound + 1
    }
    #expect(value == 1 << 42)
    #expect(pair.direct.totalCount == ends && ends > 60_000)
    #expect(buckets(pair.folded) == buckets(pair.direct))
  }

  @Test(arguments: [UInt64(1) << 42, (1 << 42) + 1, .max])
  func whatIsBeyondTheLastBucketIsRefused(value: UInt64) {
    var pair = Pair()
    pair.record(value)
    pair.record(value - 1)
    #expect(pair.direct.totalCount == (value == 1 << 42 ? 1 : 0))
    #expect(buckets(pair.folded) == buckets(pair.direct))
  }

  /// Of values from 1 ns to 1 h, as many in each power of ten. The least alone is rounded as the
  /// others are.
  @Test func aMillionValuesHaveTheSamePercentiles() throws {
    var pair = Pair()
    var generator = SplitMix(5)
    for _ in 0..<1_000_000 {
      pair.record(UInt64(exp(Double.random(in: 0...log(3.6e12), using: &generator))))
    }
    #expect(pair.direct.totalCount == 1_000_000)
    let folded = try #require(LatencySummary(pair.folded))
    var direct = try #require(LatencySummary(pair.direct))
    direct.min = pair.direct.lowestEquivalentForValue(direct.min)
    #expect(folded == direct)
    #expect(buckets(pair.folded) == buckets(pair.direct))
  }

  @Test func nothingIsOfNothing() {
    #expect(LatencySummary(Pair().folded) == nil)
  }
}
