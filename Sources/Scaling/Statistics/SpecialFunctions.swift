import Glibc

/// The distribution functions that the intervals and tests need, by series and continued
/// fractions (Abramowitz & Stegun 6.5, 26.5; Lentz's method).
package enum SpecialFunctions {
  private static let precision = 1e-14
  private static let tiny = 1e-300
  private static let steps = 10_000

  static func logGamma(_ x: Double) -> Double {
    var sign: Int32 = 0
    return unsafe lgamma_r(x, &sign)
  }

  /// Q(a, x): what is left of the gamma distribution above x.
  static func upperGamma(_ a: Double, _ x: Double) -> Double {
    guard a > 0, x > 0, x.isFinite else { return x > 0 ? 0 : 1 }
    let scale = exp(a * log(x) - x - logGamma(a))
    if x < a + 1 {
      var term = 1 / a
      var sum = term
      for step in 1...steps {
        term *= x / (a + Double(step))
        sum += term
        if abs(term) < abs(sum) * precision { break }
      }
      return max(0, 1 - sum * scale)
    }
    var b = x + 1 - a
    var c = 1 / tiny
    var d = 1 / b
    var fraction = d
    for step in 1...steps {
      let numerator = -Double(step) * (Double(step) - a)
      b += 2
      d = 1 / nonzero(numerator * d + b)
      c = nonzero(b + numerator / c)
      let change = d * c
      fraction *= change
      if abs(change - 1) < precision { break }
    }
    return scale * fraction
  }

  /// I_x(a, b), the regularised incomplete beta function.
  static func beta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    let scale = exp(
      logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log(1 - x))
    return x < (a + 1) / (a + b + 2)
      ? scale * betaFraction(x, a, b) / a : 1 - scale * betaFraction(1 - x, b, a) / b
  }

  private static func betaFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    var c = 1.0
    var d = 1 / nonzero(1 - (a + b) * x / (a + 1))
    var fraction = d
    for step in 1...steps {
      let m = Double(step)
      var numerator = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / nonzero(1 + numerator * d)
      c = nonzero(1 + numerator / c)
      fraction *= d * c
      numerator = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / nonzero(1 + numerator * d)
      c = nonzero(1 + numerator / c)
      let change = d * c
      fraction *= change
      if abs(change - 1) < precision { break }
    }
    return fraction
  }

  private static func nonzero(_ x: Double) -> Double { abs(x) < tiny ? tiny : x }

  /// The value that a gamma distribution of shape `a` and scale 1 stays below with `probability`.
  static func gammaQuantile(_ probability: Double, _ a: Double) -> Double {
    var low = 0.0
    var high = max(1, 2 * a)
    while 1 - upperGamma(a, high) < probability && high < 1e12 { high *= 2 }
    for _ in 0..<200 where high - low > 1e-12 * high {
      let middle = (low + high) / 2
      if 1 - upperGamma(a, middle) < probability { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// The value that Student's t stays below with `probability` (over one half).
  package static func studentQuantile(_ probability: Double, freedom: Double) -> Double {
    func below(_ t: Double) -> Double {
      1 - beta(freedom / (freedom + t * t), freedom / 2, 0.5) / 2
    }
    var low = 0.0
    var high = 1.0
    while below(high) < probability && high < 1e12 { high *= 2 }
    for _ in 0..<200 where high - low > 1e-12 * high {
      let middle = (low + high) / 2
      if below(middle) < probability { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
