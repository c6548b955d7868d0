import Glibc

/// An estimate with its confidence interval.
package struct Interval: Codable, Hashable, Sendable {
  package var estimate: Double
  package var low: Double
  package var high: Double

  /// Samples, or pairs of them, without which nothing is said of a difference or a law.
  package static let leastSamples = 3

  package init(_ estimate: Double, _ low: Double, _ high: Double) {
    self.estimate = estimate
    self.low = low
    self.high = high
  }

  /// Half its width, as a share of the estimate.
  package var relativeHalfWidth: Double {
    estimate == 0 ? .infinity : (high - low) / 2 / abs(estimate)
  }

  package func contains(_ value: Double) -> Bool { low <= value && value <= high }

  /// The mean with Student's t interval; nil for fewer than two samples, of which nothing can be
  /// told.
  package static func mean(_ samples: [Double], confidence: Double = 0.95) -> Interval? {
    guard let (mean, variance) = samples.moments else { return nil }
    let count = Double(samples.count)
    let reach =
      SpecialFunctions.studentQuantile((1 + confidence) / 2, freedom: count - 1)
      * (variance / count).squareRoot()
    return Interval(mean, mean - reach, mean + reach)
  }

  /// The mean of a Poisson count, by Garwood's exact interval (Biometrika 28, 1936), which also takes
  /// a count that is no whole number; the normal one beyond a hundred thousand.
  package static func poisson(_ count: Double, confidence: Double = 0.95) -> Interval {
    let tail = (1 - confidence) / 2
    guard count < 100_000 else {
      let reach = SpecialFunctions.studentQuantile(1 - tail, freedom: 1e9) * count.squareRoot()
      return Interval(count, count - reach, count + reach)
    }
    return Interval(
      count, count > 0 ? SpecialFunctions.gammaQuantile(tail, count) : 0,
      SpecialFunctions.gammaQuantile(1 - tail, count + 1))
  }

  /// How many times `first` is of `second`, pair by pair: the geometric mean of the ratios with
  /// Student's t interval of their logarithms. What both of a pair share, a noisy neighbour or a
  /// warm machine, cancels.
  package static func pairedRatio(_ pairs: [(Double, Double)], confidence: Double = 0.95)
    -> Interval?
  {
    let usable = pairs.filter { $0.0 > 0 && $0.1 > 0 }
    guard let logs = mean(usable.map { log($0.0 / $0.1) }, confidence: confidence) else {
      return nil
    }
    return Interval(exp(logs.estimate), exp(logs.low), exp(logs.high))
  }
}

extension [Double] {
  /// Mean, and variance as that of all that these are a sample of; nil for fewer than two.
  var moments: (mean: Double, variance: Double)? {
    guard count >= 2 else { return nil }
    let mean = reduce(0, +) / Double(count)
    return (mean, reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1))
  }
}
