import ReceivePath

/// How evenly connections fell on workers.
package struct Balance: Codable, Hashable, Sendable {
  /// Jain's fairness index: 1 where all are equal, 1/n where one has all.
  package var jain: Double
  /// The busiest worker's share over an even one.
  package var maxOverMean: Double
  /// Pearson's χ² against an even spread, and the chance of as much or more where each
  /// connection falls on a worker at random. A keyed hash passes; handing out in turn is more
  /// even than chance; steering by CPU or a herd fails.
  package var chiSquare: Double
  package var probability: Double

  /// nil for fewer than two workers, or where nothing was accepted.
  package init?(_ counts: [UInt64]) {
    let values = counts.map { Double($0) }
    let sum = values.reduce(0, +)
    guard let skew = values.skew else { return nil }
    let mean = sum / Double(values.count)
    jain = sum * sum / (Double(values.count) * values.reduce(0) { $0 + $1 * $1 })
    maxOverMean = skew
    chiSquare = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) / mean }
    probability = SpecialFunctions.upperGamma(Double(values.count - 1) / 2, chiSquare / 2)
  }
}
