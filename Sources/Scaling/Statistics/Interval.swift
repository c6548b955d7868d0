import Glibc

/// An estimate with its confidence interval.
package struct Interval: Codable, Hashable, Sendable {
  package var estimate: Double
  package var low: Double
  package var high: Double

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
    guard samples.count >= 2 else { return nil }
    let count = Double(samples.count)
    let mean = samples.reduce(0, +) / count
    let variance = samples.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    let reach =
      SpecialFunctions.studentQuantile((1 + confidence) / 2, freedom: count - 1)
      * (variance / count).squareRoot()
    return Interval(mean, mean - reach, mean + reach)
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
  /// How many times the first ones are of the second ones, all together: for figures of which one
  /// pair alone says nothing, as counts of few events. The ratio estimator of survey sampling: its
  /// variance is that of first − ratio · second, and the interval Student's of its logarithm; nil
  /// where either sum is 0.
  package static func ratioOfSums(_ pairs: [(Double, Double)], confidence: Double = 0.95)
    -> Interval?
  {
    let sums = pairs.reduce((0, 0)) { ($0.0 + $1.0, $0.1 + $1.1) }
    guard pairs.count >= 2, sums.0 > 0, sums.1 > 0 else { return nil }
    let (count, ratio) = (Double(pairs.count), sums.0 / sums.1)
    let squares = pairs.reduce(0) { sum, pair in
      let difference = pair.0 - ratio * pair.1
      return sum + difference * difference
    }
    let reach =
      SpecialFunctions.studentQuantile((1 + confidence) / 2, freedom: count - 1)
      * (squares * count / (count - 1)).squareRoot() / sums.0
    return Interval(ratio, ratio * exp(-reach), ratio * exp(reach))
  }
}
