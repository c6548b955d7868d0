import Glibc
package import Scaling

extension Interval {
  /// How many times `first` is of `second`, pair by pair: the Hodges–Lehmann estimate of the
  /// logarithms' median, with the interval of Wilcoxon's signed-rank test. It asks only that a
  /// disturbance hits either of a pair alike, and a round that another program spoilt moves it
  /// little; nil where there are too few pairs for any interval of that confidence (six for 95 %).
  package static func pairedMedianRatio(
    _ pairs: [(Double, Double)], confidence: Double = 0.95
  ) -> Interval? {
    let logs = pairs.filter { $0.0 > 0 && $0.1 > 0 }.map { log($0.0 / $0.1) }
    guard let outside = signedRankQuantile(logs.count, (1 - confidence) / 2) else { return nil }
    var means: [Double] = []
    for (index, first) in logs.enumerated() {
      for second in logs[index...] { means.append((first + second) / 2) }
    }
    means.sort()
    let middle = means.count / 2
    let median =
      means.count.isMultiple(of: 2) ? (means[middle - 1] + means[middle]) / 2 : means[middle]
    // As many means as there are sums too rare lie outside at either end.
    return Interval(exp(median), exp(means[outside - 1]), exp(means[means.count - outside]))
  }

  /// How many sums of ranks, from 0 up, are together no likelier than `probability`; nil where even
  /// 0 is likelier. Exact: each of the 2ⁿ signs is as likely.
  static func signedRankQuantile(_ count: Int, _ probability: Double) -> Int? {
    guard count >= 1, count <= 1000 else { return nil }
    // The shares of the signs that give each sum; only the lower half is needed.
    let most = count * (count + 1) / 4
    var shares = [Double](repeating: 0, count: most + 1)
    shares[0] = 1
    for rank in 1...count {
      for sum in stride(from: most, through: 0, by: -1) {
        shares[sum] = (shares[sum] + (sum >= rank ? shares[sum - rank] : 0)) / 2
      }
    }
    var below = 0.0
    for sum in 0...most {
      below += shares[sum]
      if below > probability { return sum == 0 ? nil : sum }
    }
    return most
  }
}
