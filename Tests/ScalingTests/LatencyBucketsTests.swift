import Notation
import Testing

@testable import Scaling

/// Latency that several hosts measured, joined.
@Suite("Latency buckets") struct LatencyBucketsTests {
  private static func buckets(_ values: [UInt64]) -> LatencyBuckets {
    let counts = LatencyCounts()
    for value in values { _ = counts.record(value) }
    var histogram = LatencyCounts.emptyHistogram
    counts.add(to: &histogram)
    return LatencyBuckets(histogram)
  }

  /// Of three loads of different speeds, one of which has a long tail.
  @Test func joinedQuantilesAreThoseOfAllValues() throws {
    var generator = SplitMix(14)
    let loads = [(40_000, 20_000.0), (3_000, 900_000), (500, 80_000_000)].map { count, mean in
      (0..<count).map { _ in
        // Spread over four powers of two.
        UInt64(mean * Double(1 + generator.next() % 1000) / 250)
      }
    }
    let joined = loads.map(Self.buckets).reduce(LatencyBuckets(), +)
    let direct = Self.buckets(loads.flatMap(\.self))
    #expect(joined == direct)
    #expect(joined.summary == direct.summary)
    // The library's own, of all values.
    var histogram = LatencyCounts.emptyHistogram
    let counts = LatencyCounts()
    for value in loads.joined() { _ = counts.record(value) }
    counts.add(to: &histogram)
    #expect(joined.summary == LatencySummary(histogram))
    // Means of quantiles are another figure, which is why they are not joined so.
    let p99 = loads.map { Double(Self.buckets($0).summary?.p99 ?? 0) }
    #expect(abs(p99.reduce(0, +) / 3 - Double(joined.summary?.p99 ?? 0)) > 1_000)
  }

  @Test func nothingJoinedIsNothing() {
    #expect(LatencyBuckets().summary == nil)
    let one = Self.buckets([5, 5, 70_000])
    #expect(one + LatencyBuckets() == one && LatencyBuckets() + one == one)
    #expect((one + one).counts == [4, 2])
  }

  @Test func comesBackFromADocument() throws {
    let buckets = Self.buckets([5, 5, 70_000, 3_000_000_000])
    #expect(try JSON(encoding: buckets).decode() == buckets)
  }

  /// What another program wrote is no distribution of ours.
  @Test(arguments: [
    #"{"values": [1, 2], "counts": [1]}"#, #"{"values": [2, 1], "counts": [1, 1]}"#,
    #"{"values": [1, 1], "counts": [1, 1]}"#, #"{"values": [4398046511104], "counts": [1]}"#,
    #"{"values": [1], "counts": [18446744073709551615]}"#, #"{"values": [1]}"#, "[]",
    #"{"values": [-1], "counts": [1]}"#,
  ])
  func whatIsNoDistributionIsRefused(text: String) throws {
    let json = try JSON(parsing: Array(text.utf8)[...])
    #expect(throws: (any Error).self) { try json.decode(LatencyBuckets.self) }
  }
}
