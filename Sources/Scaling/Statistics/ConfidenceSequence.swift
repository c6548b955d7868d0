import Glibc

extension Interval {
  /// The mean of normal samples with an interval that holds at every look: however often it is asked
  /// for while samples come in, the chance that it ever misses the mean is at most `error`.
  ///
  /// By the t-test martingale with a normal prior of variance `prior` on mean/σ (Lai, Annals of
  /// Statistics 4, 1976; Wang & Ramdas, Anytime-valid t-tests, 2024, section 5; the Bayes factor is
  /// Gönen et al., American Statistician 59, 2005): those means that it does not reject by Ville's
  /// inequality. At a fixed number of samples it is some 1.5 times as wide as Student's.
  ///
  /// - Returns: nil for fewer than two samples; without end where they are too few to reject anything.
  package static func anytimeMean(_ samples: [Double], error: Double, prior: Double = 1)
    -> Interval?
  {
    guard error > 0, error < 1, let (mean, variance) = samples.moments else { return nil }
    guard let quantile = anytimeQuantile(samples.count, error: error, prior: prior) else {
      return Interval(mean, -.infinity, .infinity)
    }
    let reach = quantile * (variance / Double(samples.count)).squareRoot()
    return Interval(mean, mean - reach, mean + reach)
  }

  /// What Student's quantile is to a fixed number of samples; nil where no |t| is large enough.
  package static func anytimeQuantile(_ samples: Int, error: Double, prior: Double = 1) -> Double? {
    let count = Double(samples)
    let spread = 1 + count * prior
    // ((1 + u) / (1 + u/spread))^(n/2) = √spread / error, with u = t² / (n − 1).
    let bound = pow(spread.squareRoot() / error, 2 / count)
    guard samples >= 2, bound < spread else { return nil }
    return ((count - 1) * (bound - 1) / (1 - bound / spread)).squareRoot()
  }
}
