import Scaling

/// What is wanted of a ratio.
struct Goal: Sendable {
  /// `undecided`: the estimate misses it, and by less than rounds differ among themselves.
  enum Outcome: String { case met, undecided, missed = "MISSED" }

  let words: String
  let outcome: @Sendable (Interval) -> Outcome

  /// As fast as C: an interval that ends below 1 has no room for that.
  static let likeC = Goal(words: "≥ 0.98, and 1 within") { ratio in
    ratio.high < 1 ? .missed : ratio.estimate < 0.98 ? .undecided : .met
  }

  static func least(_ bound: Double) -> Goal {
    Goal(words: "≥ \(Format.fixed(bound, 2))") { ratio in
      ratio.high < bound ? .missed : ratio.estimate < bound ? .undecided : .met
    }
  }

  static func most(_ bound: Double) -> Goal {
    Goal(words: "≤ \(Format.fixed(bound, 2))") { ratio in
      ratio.low > bound ? .missed : ratio.estimate > bound ? .undecided : .met
    }
  }
}
