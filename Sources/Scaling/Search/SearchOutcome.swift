/// What came of a search.
package struct SearchOutcome: Codable, Hashable, Sendable {
  /// What became of a candidate.
  package enum Fate: Codable, Hashable, Sendable {
    /// It betters the figure.
    case gains
    /// It makes it worse.
    case loses
    /// Whatever it does is less than is worth a change.
    case noGain
    /// The budget ended before anything could be said.
    case undecided
    /// What it did to the host ended it.
    case harmed(String)
    /// It could not be measured.
    case failed(String)
    /// The device lacks it, or has it already.
    case inapplicable(String)

    package static let words = [
      "gains", "loses", "no-gain", "undecided", "harmed", "failed", "inapplicable",
    ]

    package var reason: String? {
      switch self {
      case .harmed(let reason), .failed(let reason), .inapplicable(let reason): reason
      case .gains, .loses, .noGain, .undecided: nil
      }
    }

    package var word: String {
      switch self {
      case .gains: "gains"
      case .loses: "loses"
      case .noGain: "no-gain"
      case .undecided: "undecided"
      case .harmed: "harmed"
      case .failed: "failed"
      case .inapplicable: "inapplicable"
      }
    }
  }

  package struct Row: Codable, Hashable, Sendable {
    package var candidate: Int
    package var fate: Fate
    /// Its figure over the base's, as a ratio above 1 where it is better; nil without two rounds. The
    /// interval holds for all candidates and looks together.
    package var gain: Interval?
    package var rounds: Int
  }

  /// Fresh rounds of the winner against the base alone.
  package struct Duel: Codable, Hashable, Sendable {
    package var candidates: [Int]
    /// A ratio above 1 where the winner is better, with an interval of 95 %.
    package var gain: Interval
    package var rounds: Int
    /// What else changed: a ratio above 1 where the winner costs more. What was nothing under the base
    /// has none.
    package var costs: [String: Interval]
    /// What it costs more of than it may.
    package var trades: [String]
  }

  package enum Verdict: String, CaseIterable, Codable, Hashable, Sendable {
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
  }

  package var verdict: Verdict
  package var rows: [Row]
  package var duel: Duel?
  /// Seconds that all trials took.
  package var spent: Double
  /// Why the base could not be measured.
  package var failure: String?
}
