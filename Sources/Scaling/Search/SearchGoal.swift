/// The figure that a search is to better.
package enum SearchGoal: String, Codable, CaseIterable, Hashable, Sendable {
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
package struct SearchObservation: Codable, Hashable, Sendable {
  /// The figure that is to be bettered.
  package var figure: Double
  /// Others that are to be no worse: the lower, the better.
  package var costs: [String: Double]
  /// Packets that devices lost while it was measured, by counter: "eth0 rx-missed".
  package var losses: [String: UInt64]
  /// Why the figure may not be what it looks like.
  package var doubts: [Warning.Code]
  /// Seconds that it took, with all that goes with it.
  package var seconds: Double

  package init(
    figure: Double, costs: [String: Double] = [:], losses: [String: UInt64] = [:],
    doubts: [Warning.Code] = [], seconds: Double
  ) {
    self.figure = figure
    self.costs = costs
    self.losses = losses
    self.doubts = doubts
    self.seconds = seconds
  }
}
