/// A search with all that its reader needs beside the outcome.
package struct SearchReport: Sendable {
  /// What was not tried.
  package struct Refusal: Hashable, Sendable {
    package var name: String
    package var reason: String

    package init(name: String, reason: String) {
      self.name = name
      self.reason = reason
    }
  }

  package var plan: SearchPlan
  package var outcome: SearchOutcome
  package var refused: [Refusal]
  /// "crr on reuseport with 1 worker"
  package var workload: String
  package var machine: Machine
  package var warnings: [Warning]
  /// What ended it before its time.
  package var interruption: String?
  /// Names of what is in force yet.
  package var kept: [String] = []
  /// A profile that was written.
  package var saved: String?

  package init(
    _ plan: SearchPlan, _ outcome: SearchOutcome, refused: [Refusal], workload: String,
    _ machine: Machine, _ warnings: [Warning]
  ) {
    self.plan = plan
    self.outcome = outcome
    self.refused = refused
    self.workload = workload
    self.machine = machine
    self.warnings = warnings
  }

  /// The winner's, by name; none where nothing helps.
  package var winner: [String] {
    switch outcome.verdict {
    case .helps, .trade: (outcome.duel?.candidates ?? []).map { plan.candidates[$0].name }
    case .nothing, .untold, .failed: []
    }
  }
}
