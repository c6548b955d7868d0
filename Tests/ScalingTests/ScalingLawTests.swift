import Testing

@testable import Scaling

@Suite("Scaling law") struct ScalingLawTests {
  static let levels = [1, 2, 4, 8, 16, 32]

  @Test(arguments: [(0.0, 0.0), (0.05, 0.0), (0.0, 0.001), (0.03, 0.0005), (0.3, 0.01)])
  func anExactCurveGivesItsLawBack(alpha: Double, beta: Double) throws {
    let truth = ScalingLaw(lambda: 20_000, alpha: alpha, beta: beta)
    let points = Self.levels.map { ScalingLaw.Point($0, truth.rate(Double($0))) }
    let law = try #require(ScalingLaw(fitting: points))
    #expect(abs(law.lambda - 20_000) < 0.01)
    #expect(abs(law.alpha - alpha) < 1e-6)
    #expect(abs(law.beta - beta) < 1e-7)
  }

  /// Bootstrap intervals of 95 % over 7 runs a level hold the truth a little less often than that.
  @Test func noisyCurvesGiveTheirLawBackAsOftenAsTheIntervalSays() throws {
    let truth = ScalingLaw(lambda: 20_000, alpha: 0.05, beta: 0.002)
    var held = (alpha: 0, beta: 0, peak: 0)
    for seed in 0..<50 {
      let fit = try #require(ScalingFit(Self.noisy(truth, seed: UInt64(seed)), resamples: 100))
      if fit.alpha.contains(0.05) { held.alpha += 1 }
      if fit.beta.contains(0.002) { held.beta += 1 }
      if try #require(fit.peak).contains((0.95 / 0.002).squareRoot()) { held.peak += 1 }
      #expect(abs(fit.law.alpha - 0.05) < 0.02 && abs(fit.law.beta - 0.002) < 0.0007)
    }
    #expect(held.alpha > 40 && held.beta > 40 && held.peak > 40)
  }

  @Test func theSameRunsGiveTheSameInterval() {
    let points = Self.noisy(ScalingLaw(lambda: 1, alpha: 0.1, beta: 0.01), seed: 1)
    #expect(ScalingFit(points) == ScalingFit(points))
  }

  private static func noisy(_ law: ScalingLaw, seed: UInt64) -> [ScalingLaw.Point] {
    var generator = SplitMix(seed)
    return levels.flatMap { level in
      (0..<7).map { _ in
        ScalingLaw.Point(
          level, law.rate(Double(level)) * Double.random(in: 0.95...1.05, using: &generator))
      }
    }
  }

  @Test func faultlessScalingHasNoPeak() throws {
    let fit = try #require(
      ScalingFit([1, 2, 4].flatMap { Self.runs(3, $0, Double($0) * 1000) }))
    #expect(fit.law.peak == nil && fit.peak == nil)
    #expect(fit.law.alpha < 1e-9)
  }

  private static func runs(_ count: Int, _ workers: Int, _ rate: Double) -> [ScalingLaw.Point] {
    [ScalingLaw.Point](repeating: ScalingLaw.Point(workers, rate), count: count)
  }

  /// An interval of no width would be of a certainty that nobody has.
  @Test func tooFewRunsOfALevelGiveNoInterval() {
    for few in 1...2 {
      #expect(ScalingFit(Self.runs(5, 1, 100) + Self.runs(few, 2, 150)) == nil)
    }
    #expect(ScalingFit(Self.runs(3, 1, 100) + Self.runs(3, 2, 150)) != nil)
  }

  @Test func superlinearRatesAreHeldAtNoContention() throws {
    let law = try #require(
      ScalingLaw(fitting: [.init(1, 100), .init(2, 230), .init(4, 500)]))
    #expect(law.alpha == 0 && law.beta == 0)
  }

  @Test func twoLevelsTellOfContentionOnly() throws {
    let law = try #require(ScalingLaw(fitting: [.init(1, 100), .init(2, 150), .init(2, 150)]))
    #expect(abs(law.alpha - 1.0 / 3) < 1e-9)
    #expect(law.beta == 0 && law.peak == nil)
    #expect(ScalingLaw(fitting: [.init(4, 100), .init(4, 101)]) == nil)
    #expect(ScalingLaw(fitting: [.init(0, 1), .init(1, .nan), .init(2, 0)]) == nil)
  }
}
