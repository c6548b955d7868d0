import Scaling

/// `rxtune improve --json`.
enum SearchJSON {
  static let shape = Record<SearchReport>([
    Field(
      "goal", "Figure to better.", .oneOf(SearchGoal.allCases.map(\.rawValue))
    ) { $0.plan.goal.rawValue },
    Field("workload", "What each trial measured.", .string) { $0.session.workload },
    Field("budget", "Time for the search, in seconds.", .number) { $0.plan.budget },
    Field("spent", "Time that its trials took, in seconds.", .number) { $0.outcome.spent },
    Field(
      "error-rate", "Chance that something is said to help that does not.", .number
    ) { $0.plan.errorRate },
    Field("least-effect", "Least gain that is worth a change, as a share.", .number) {
      $0.plan.leastEffect
    },
    Field(
      "verdict", "Outcome of the search.",
      .oneOf(SearchOutcome.Verdict.allCases.map(\.rawValue))
    ) { $0.outcome.verdict.rawValue },
    Field("candidates", "What was tried.", .array(of: candidate)) { report in
      report.outcome.rows.map { (report.plan.candidates[$0.candidate].name, $0) }
    },
    Field("refused", "What was not tried.", .array(of: refusal)) { $0.session.refused },
    Field(
      optional: "duel", "Fresh rounds of the winner against the base alone.", duel
    ) { report in
      report.outcome.duel.map { duel in
        (duel.candidates.map { report.plan.candidates[$0].name }, duel)
      }
    },
    Field(
      optional: "failure", "Why the base could not be measured, or what disturbed it.", .string
    ) {
      $0.outcome.failure
    },
    Field(optional: "interruption", "What ended the search early.", .string) { $0.interruption },
    Field("kept", "Changes that are in force.", .array(of: .string)) { $0.kept },
    Field(optional: "saved", "Profile that was written.", .string) { $0.saved },
    Field("warnings", "Reasons to doubt the figures.", .array(of: .string)) {
      $0.warnings.map { $0.text }
    },
  ]).shape

  private static let candidate = Record<(String, SearchOutcome.Row)>([
    Field("name", "Setting, as rxtune set takes it.", .string) { $0.0 },
    Field("outcome", "What became of it.", .oneOf(SearchOutcome.Fate.allCases.map(\.rawValue))) {
      $0.1.fate.rawValue
    },
    Field(optional: "reason", "Why it was given up.", .string) { $0.1.reason },
    Field(
      optional: "gain",
      """
      Ratio to the base, above 1 if better; its interval holds for all candidates and looks together. \
      Omitted before it has bounds.
      """, .interval
    ) { row in
      row.1.gain.flatMap { $0.low.isFinite && $0.high.isFinite ? $0 : nil }
    },
    Field("rounds", "Rounds that measured it beside the base.", .integer) { $0.1.rounds },
    Field(
      optional: "left-after", "Round of screening after which it left. Omitted if it stayed.",
      .integer
    ) { $0.1.left },
  ]).shape

  private static let refusal = Record<SearchSession.Refusal>([
    Field("name", "Setting.", .string) { $0.name },
    Field("reason", "Why it was not tried.", .string) { $0.reason },
  ]).shape

  private static let duel = Record<([String], SearchOutcome.Duel)>([
    Field("winner", "Settings in force together.", .array(of: .string)) { $0.0 },
    Field("gain", "Ratio to the base, above 1 if better.", .interval) { $0.1.gain },
    Field("ratios", "Ratio of each round.", .array(of: .number)) { $0.1.ratios },
    Field("rounds", "Rounds.", .integer) { $0.1.rounds },
    Field(
      "costs", "Ratios of other figures to the base's, above 1 if worse, by name.",
      .keyed(by: .interval)
    ) { $0.1.costs.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } },
    Field("trades", "Figures that became worse by more than is tolerated.", .array(of: .string)) {
      $0.1.trades
    },
  ]).shape
}
