/// The figure that a search is to better.
package enum SearchGoal: String, CaseIterable, Hashable, Sendable {
  /// Transactions a second.
  case rate
  /// Latency of the slowest hundredth.
  case p99
  /// CPU time of the whole host for a transaction.
  case cpu
  /// A number that a command prints, the larger the better.
  case larger
  /// The smaller the better.
  case smaller

  package var isHigherBetter: Bool { self == .rate || self == .larger }
}

/// What one trial came to.
package struct SearchObservation: Hashable, Sendable {
  /// The figure that is to be bettered.
  package var figure: Double
  /// Others that are to be no worse: the lower, the better.
  package var costs: [String: Double]
  /// Seconds that it took, with all that goes with it.
  package var seconds: Double

  package init(figure: Double, costs: [String: Double] = [:], seconds: Double) {
    self.figure = figure
    self.costs = costs
    self.seconds = seconds
  }
}
