import Histogram

/// How often each latency came, as those buckets of an HdrHistogram of three digits that hold any:
/// the buckets of several loads add up to those of all of them together.
package struct LatencyBuckets: Codable, Hashable, Sendable {
  package static let digits = 3

  /// The least nanoseconds of each bucket, ascending.
  package private(set) var values: [UInt64] = []
  /// How many came in each.
  package private(set) var counts: [UInt64] = []

  package init() {}

  init(_ histogram: Histogram<UInt64>) {
    for bucket in histogram.recordedValues() {
      values.append(histogram.lowestEquivalentForValue(bucket.value))
      counts.append(bucket.count)
    }
  }

  /// Of a document: any that is no such distribution is refused.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    values = try container.decode([UInt64].self, forKey: .values)
    counts = try container.decode([UInt64].self, forKey: .counts)
    guard values.count == counts.count, zip(values, values.dropFirst()).allSatisfy({ $0 < $1 }),
      (values.last ?? 0) < LatencyCounts.end, counts.allSatisfy({ $0 <= Self.mostCounted })
    else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: container.codingPath, debugDescription: "no histogram"))
    }
  }

  private enum CodingKeys: String, CodingKey { case values, counts }

  /// Of one bucket: as many at a million per second are 34 years, and sums of them fit.
  private static let mostCounted: UInt64 = 1 << 50

  package static func + (one: Self, other: Self) -> Self {
    var sum = LatencyBuckets()
    var (left, right) = (0, 0)
    while left < one.values.count || right < other.values.count {
      let (next, count): (UInt64, UInt64)
      if right == other.values.count
        || left < one.values.count && one.values[left] < other.values[right]
      {
        (next, count) = (one.values[left], one.counts[left])
        left += 1
      } else if left == one.values.count || other.values[right] < one.values[left] {
        (next, count) = (other.values[right], other.counts[right])
        right += 1
      } else {
        (next, count) = (one.values[left], one.counts[left] &+ other.counts[right])
        left += 1
        right += 1
      }
      sum.values.append(next)
      sum.counts.append(count)
    }
    return sum
  }

  /// nil of nothing.
  package var summary: LatencySummary? {
    var histogram = LatencyCounts.emptyHistogram
    for (value, count) in zip(values, counts) { histogram.record(value, count: count) }
    return LatencySummary(histogram)
  }
}
