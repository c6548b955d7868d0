/// A search with all that its reader needs beside the outcome.
package struct SearchReport: Sendable {
  package var session: SearchSession
  package var outcome: SearchOutcome
  /// Reasons to doubt the figures, those that trials gave among them.
  package var warnings: [Warning]
  /// What ended it before its time.
  package var interruption: String?
  /// Names of what is in force yet.
  package var kept: [String] = []
  /// A profile that was written.
  package var saved: String?

  package init(_ session: SearchSession, _ search: Search) {
    self.session = session
    outcome = search.outcome
    warnings =
      session.warnings
      + search.doubts.sorted { $0.key.rawValue < $1.key.rawValue }.map { doubt in
        Warning(doubt.key, "in \(doubt.value) of \(Format.count(search.trials, "trial"))")
      }
  }

  /// Of a results file.
  package init(
    _ session: SearchSession, _ trials: [TrialRecord], from file: String
  ) throws(BenchError) {
    let search: Search
    do { search = try Search(session, trials) } catch { throw error.within(file) }
    self.init(session, search)
    if search.phase != .done { interruption = "Ended before its time" }
  }

  package var plan: SearchPlan { session.plan }

  /// What became of those that could be set.
  package var tried: [SearchOutcome.Row] { outcome.rows.filter { $0.fate != .inapplicable } }

  package var untried: [SearchSession.Refusal] {
    session.refused
      + outcome.rows.filter { $0.fate == .inapplicable }.map {
        .init(
          name: plan.candidates[$0.candidate].name, reason: $0.reason ?? "it cannot be set here")
      }
  }

  /// Candidates, by index; none where nothing helps.
  package var winners: [Int] {
    switch outcome.verdict {
    case .helps, .trade: outcome.duel?.candidates ?? []
    case .nothing, .untold, .failed, .disturbed: []
    }
  }

  /// The winners' settings, each as `rxtune set` takes it.
  package var settings: [String] { winners.flatMap { plan.candidates[$0].parts } }
}
