/// What came of a search.
package struct SearchOutcome: Hashable, Sendable {
  /// What became of a candidate.
  package enum Fate: String, CaseIterable, Sendable {
    /// It betters the figure.
    case gains
    /// It makes it worse.
    case loses
    /// Whatever it does is less than is worth a change.
    case noGain = "no-gain"
    /// The budget ended before anything could be said.
    case undecided
    /// What it did to the host ended it.
    case harmed
    /// It could not be measured.
    case failed
    /// The device lacks it, or has it already.
    case inapplicable
  }

  package struct Row: Hashable, Sendable {
    package var candidate: Int
    package var fate: Fate
    /// Why it was given up.
    package var reason: String?
    /// Its figure over the base's, as a ratio above 1 where it is better; nil without two rounds. The
    /// interval holds for all candidates and looks together.
    package var gain: Interval?
    package var rounds: Int
    /// The round of screening after which it left; nil of one that stayed to the end.
    package var left: Int?
  }

  /// Fresh rounds of the winner against the base alone.
  package struct Duel: Hashable, Sendable {
    package var candidates: [Int]
    /// A ratio above 1 where the winner is better, with an interval of 95 %.
    package var gain: Interval
    /// Of each round.
    package var ratios: [Double]
    package var rounds: Int { ratios.count }
    /// What else changed: a ratio above 1 where the winner costs more. What was nothing under the base
    /// has none.
    package var costs: [String: Interval]
    /// What it costs more of than it may.
    package var trades: [String]
  }

  package enum Verdict: String, CaseIterable, Hashable, Sendable {
    /// The winner of the duel is better.
    case helps
    /// It is better, and costs more of something else.
    case trade
    /// No candidate gains what is worth a change.
    case nothing
    /// The budget was too short for the spread.
    case untold
    /// The base itself could not be measured.
    case failed
    /// Too much else went on for any figure to mean something.
    case disturbed
  }

  package var verdict: Verdict
  package var rows: [Row]
  package var duel: Duel?
  /// Seconds that all trials took.
  package var spent: Double
  /// Why the base could not be measured, or what disturbed it.
  package var failure: String?
}
