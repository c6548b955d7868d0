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

  /// Events of one round, and what they are held over.
  package typealias Rate = (events: Double, over: Double)

  /// How many times the first rate is of the second, all rounds together: for counts of so few
  /// events that one round alone says nothing. A ratio estimate as in survey sampling: what each
  /// round adds to the logarithm varies, and the interval is Student's; nil where a sum is 0.
  package static func ratioOfSums(_ pairs: [(Rate, Rate)], confidence: Double = 0.95)
    -> Interval?
  {
    let first = pairs.reduce((0, 0)) { ($0.0 + $1.0.events, $0.1 + $1.0.over) }
    let second = pairs.reduce((0, 0)) { ($0.0 + $1.1.events, $0.1 + $1.1.over) }
    guard pairs.count >= 2, [first.0, first.1, second.0, second.1].allSatisfy({ $0 > 0 }) else {
      return nil
    }
    let squares = pairs.reduce(0) { sum, pair in
      let (mine, its) = pair
      let share =
        mine.events / first.0 - mine.over / first.1 - its.events / second.0 + its.over / second.1
      return sum + share * share
    }
    let count = Double(pairs.count)
    let reach =
      SpecialFunctions.studentQuantile((1 + confidence) / 2, freedom: count - 1)
      * (squares * count / (count - 1)).squareRoot()
    let ratio = first.0 / first.1 / (second.0 / second.1)
    return Interval(ratio, ratio * exp(-reach), ratio * exp(reach))
  }
}
