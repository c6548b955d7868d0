/// What a search is to find, among what, and for how long.
package struct SearchPlan: Codable, Hashable, Sendable {
  /// A change of the host's state that may help.
  package struct Candidate: Codable, Hashable, Sendable {
    /// What is made together, each as `rxtune set` takes it: "coalesce.rx-usecs=50".
    package var parts: [String]
    /// What it sets, as "coalesce.rx-usecs": two that share one cannot be had together.
    package var settings: [String]

    package static let together = " + "

    package init(_ parts: [String], settings: [String]) {
      self.parts = parts
      self.settings = settings
    }

    /// "features.rx-gro=on + device.threaded=1"
    package var name: String { parts.joined(separator: Self.together) }

    func excludes(_ other: Candidate) -> Bool {
      settings.contains { other.settings.contains($0) }
    }
  }

  package var goal: SearchGoal
  package var candidates: [Candidate]
  /// Seconds.
  package var budget: Double
  /// The chance that something is said to help that does not.
  package var errorRate = 0.05
  /// Less is not worth a change: 0.01 is one per cent.
  package var leastEffect = 0.01
  /// How much more of something else a gain may cost before it is called a trade.
  package var tolerance = 0.05
  package var seed: UInt64 = 1

  package init(goal: SearchGoal, candidates: [Candidate], budget: Double) {
    self.goal = goal
    self.candidates = candidates
    self.budget = budget
  }

  /// What a file holds may be anything.
  var isPossible: Bool {
    (1...10_000).contains(candidates.count) && (0...1e9).contains(budget)
      && errorRate > 0 && errorRate < 1 && (1e-6...10).contains(leastEffect)
      && (0...1e3).contains(tolerance)
  }

  /// Rounds of screening until an effect is told from none, where figures of one round differ by
  /// `spread` (the standard deviation of the logarithm of their ratio); nil beyond `limit`.
  ///
  /// - Parameter count: of the candidates that share the error; nil for all.
  package func rounds(
    for effect: Double, spread: Double, among count: Int? = nil, limit: Int = 10_000
  ) -> Int? {
    let error = errorRate / Double(max(1, count ?? candidates.count))
    return (Search.leastRounds...limit).first { count in
      Interval.anytimeQuantile(count, error: error).map {
        $0 * spread / Double(count).squareRoot() < effect
      } ?? false
    }
  }
}
