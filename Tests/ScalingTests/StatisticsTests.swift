import Glibc
import Testing

@testable import BenchmarkStatistics
@testable import Scaling

@Suite("Statistics") struct StatisticsTests {
  /// Student's t, two-sided 95 %, from printed tables.
  @Test(arguments: [(1.0, 12.706), (2, 4.303), (4, 2.776), (9, 2.262), (30, 2.042), (1000, 1.962)])
  func studentQuantilesAreThoseOfTheTables(freedom: Double, expected: Double) {
    #expect(abs(SpecialFunctions.studentQuantile(0.975, freedom: freedom) - expected) < 0.0006)
  }

  /// χ² upper tails: critical values at 5 %, and one exact case, exp(−x/2) with 2 degrees.
  @Test(arguments: [(3.841, 1.0, 0.05), (5.991, 2, 0.05), (18.307, 10, 0.05), (2, 2, 0.367879)])
  func chiSquareTailsAreThoseOfTheTables(x: Double, freedom: Double, expected: Double) {
    #expect(abs(SpecialFunctions.upperGamma(freedom / 2, x / 2) - expected) < 0.0001)
  }

  @Test func anIntervalOfTheMeanIsStudents() throws {
    // Mean 3, standard deviation √2.5, t(4) = 2.7764.
    let interval = try #require(Interval.mean([1, 2, 3, 4, 5]))
    #expect(interval.estimate == 3)
    #expect(abs(interval.high - 3 - 2.7764 * (2.5 / 5.0).squareRoot()) < 0.001)
    #expect(Interval.mean([1]) == nil)
  }

  @Test func theIntervalHoldsTheTruthAsOftenAsItSays() {
    var generator = SplitMix(7)
    var held = 0
    for _ in 0..<2000 {
      // The sum of twelve uniform numbers is close to normal.
      let samples = (0..<5).map { _ in
        (0..<12).reduce(0.0) { sum, _ in sum + Double.random(in: 0..<1, using: &generator) }
      }
      if Interval.mean(samples)?.contains(6) == true { held += 1 }
    }
    #expect((1860...1940).contains(held))
  }

  @Test func aPairedRatioCancelsWhatPairsShare() throws {
    // The machine doubles in speed between pairs; the ratio stays 1.1.
    let ratio = try #require(
      Interval.pairedRatio([(110, 100), (220, 200), (441, 400), (879, 800)]))
    #expect(ratio.low > 1.09 && ratio.high < 1.11)
    #expect(Interval.pairedRatio([(1, 1)]) == nil)
    #expect(Interval.pairedRatio([(0, 1), (1, 0), (2, 1)]) == nil)
  }

  @Test func aRatioOfSumsIsThatOfAllTogether() throws {
    // 6 of 4; deviations from 1.5 × are −1.5, 1.5 and 0: t(2) = 4.3027, √(4.5 × 1.5) / 6.
    let ratio = try #require(
      Interval.ratioOfSums([((0, 1), (1, 1)), ((3, 1), (1, 1)), ((3, 1), (2, 1))]))
    #expect(ratio.estimate == 1.5)
    #expect(abs(log(ratio.high / 1.5) - 4.3027 * (4.5 * 1.5).squareRoot() / 6) < 0.001)
    #expect(abs(ratio.low * ratio.high - 2.25) < 1e-9)
    // A slow round with few transactions weighs little.
    let uneven = try #require(Interval.ratioOfSums([((9, 90), (9, 90)), ((5, 10), (1, 10))]))
    #expect(abs(uneven.estimate - 1.4) < 1e-9)
    #expect(Interval.ratioOfSums([((1, 1), (0, 1)), ((2, 1), (0, 1))]) == nil)
    #expect(Interval.ratioOfSums([((1, 1), (1, 1))]) == nil)
  }

  /// Clock ticks: ten a round and side on average, where the paired ratio loses what is 0.
  @Test func theIntervalOfARatioOfFewTicksHoldsTheTruth() {
    var generator = SplitMix(13)
    func ticks(_ mean: Double) -> Double {
      // As many as fall into the mean when the time between two is exponential.
      var (time, count) = (0.0, -1.0)
      while time < mean {
        time -= log(Double.random(in: 0.0..<1, using: &generator).nextUp)
        count += 1
      }
      return count
    }
    var held = 0
    for _ in 0..<1000 {
      let pairs = (0..<12).map { _ in ((ticks(10), 1.0), (ticks(8), 1.0)) }
      if Interval.ratioOfSums(pairs)?.contains(1.25) == true { held += 1 }
    }
    #expect((925...975).contains(held))
  }

  @Test func balanceOfKnownCounts() throws {
    let even = try #require(Balance([100, 100, 100, 100]))
    #expect(even.jain == 1 && even.maxOverMean == 1 && even.chiSquare == 0)
    #expect(even.probability == 1)
    let one = try #require(Balance([400, 0, 0, 0]))
    #expect(one.jain == 0.25 && one.maxOverMean == 4 && one.chiSquare == 1200)
    #expect(one.probability < 1e-200)
    // 60 and 40 of 100: χ² = 4 with one degree, p = 0.0455.
    let skewed = try #require(Balance([60, 40]))
    #expect(abs(skewed.probability - 0.0455) < 0.0001)
    #expect(Balance([5]) == nil)
    #expect(Balance([0, 0]) == nil)
  }

  @Test func randomPlacementPassesTheTestOfEvenness() throws {
    var generator = SplitMix(3)
    var rejected = 0
    for _ in 0..<400 {
      var counts = [UInt64](repeating: 0, count: 8)
      for _ in 0..<2000 { counts[Int.random(in: 0..<8, using: &generator)] += 1 }
      if try #require(Balance(counts)).probability < 0.05 { rejected += 1 }
    }
    // 5 % of 400, give or take.
    #expect((6...36).contains(rejected))
  }
}

/// Wilcoxon's signed ranks, and the Hodges–Lehmann estimate that stands on them.
@Suite("Signed ranks") struct SignedRankTests {
  /// Critical values of printed tables, two-sided 5 %: the greatest sum still significant.
  @Test(arguments: [(6, 0), (8, 3), (10, 8), (15, 25), (20, 52), (30, 137)])
  func quantilesAreThoseOfTheTables(count: Int, critical: Int) {
    #expect(Interval.signedRankQuantile(count, 0.025) == critical + 1)
  }

  /// Of six pairs only the widest interval has 95 %: it holds the middle with 1 - 2/64.
  @Test func sixSamplesTakeAllOfTheirRange() throws {
    let ratios = [0.8, 0.9, 1.0, 1.1, 1.2, 1.4]
    let interval = try #require(Interval.pairedMedianRatio(ratios.map { ($0, 1) }))
    #expect(abs(interval.low - 0.8) < 1e-12 && abs(interval.high - 1.4) < 1e-12)
  }

  @Test func fiveSamplesAreTooFew() {
    #expect(Interval.signedRankQuantile(5, 0.025) == nil)
    #expect(Interval.pairedMedianRatio(Array(repeating: (1, 1), count: 5)) == nil)
    #expect(Interval.pairedMedianRatio([]) == nil)
  }

  @Test func aSpoiltRoundMovesItLittle() throws {
    var pairs: [(Double, Double)] = (0..<12).map { (102 + Double($0 % 3), 100 + Double($0 % 3)) }
    pairs[4] = (20, 100)
    let robust = try #require(Interval.pairedMedianRatio(pairs))
    #expect(robust.low > 1.0 && robust.high < 1.03)
    let mean = try #require(Interval.pairedRatio(pairs))
    #expect(mean.high - mean.low > 10 * (robust.high - robust.low))
  }

  /// 1 - 2/64 of six pairs, 1 - 2 · 1,452/65,536 of sixteen: what the discrete sums come to.
  @Test(arguments: [(6, 969), (16, 955)])
  func theIntervalHoldsTheTruthAsOftenAsItSays(count: Int, times: Int) {
    var generator = SplitMix(11)
    var held = 0
    for _ in 0..<1000 {
      // Heavy tails: one pair in eight is off by up to threefold, either way.
      let pairs = (0..<count).map { _ in
        let noise = Double.random(in: -0.02...0.02, using: &generator)
        let spoilt = Int.random(in: 0..<8, using: &generator) == 0
        let far = spoilt ? Double.random(in: -1...1, using: &generator) : 0
        return (1.05 * exp(noise + far), 1.0)
      }
      if Interval.pairedMedianRatio(pairs)?.contains(1.05) == true { held += 1 }
    }
    #expect(abs(held - times) <= 15)
  }
}
