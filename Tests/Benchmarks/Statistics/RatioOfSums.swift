import Glibc
package import Scaling

extension Interval {
  /// Events of one round, and what they are held over.
  package typealias Rate = (events: Double, over: Double)

  /// How many times the first rate is of the second, all rounds together: for counts of so few
  /// events that one round alone says nothing. A ratio estimate as in survey sampling: what each
  /// round adds to the logarithm varies, and the interval is Student's; nil where a sum is 0.
  package static func ratioOfSums(_ pairs: [(Rate, Rate)], confidence: Double = 0.95)
    -> Interval?
  {
    let first = pairs.reduce((0, 0)) { ($0.0 + $1.0.events, $0.1 + $1.0.over) }
    let second = pairs.reduce((0, 0)) { ($0.0 + $1.1.events, $0.1 + $1.1.over) }
    guard pairs.count >= 2, [first.0, first.1, second.0, second.1].allSatisfy({ $0 > 0 }) else {
      return nil
    }
    let squares = pairs.reduce(0) { sum, pair in
      let (mine, its) = pair
      let share =
        mine.events / first.0 - mine.over / first.1 - its.events / second.0 + its.over / second.1
      return sum + share * share
    }
    let count = Double(pairs.count)
    let reach =
      SpecialFunctions.studentQuantile((1 + confidence) / 2, freedom: count - 1)
      * (squares * count / (count - 1)).squareRoot()
    let ratio = first.0 / first.1 / (second.0 / second.1)
    return Interval(ratio, ratio * exp(-reach), ratio * exp(reach))
  }
}
