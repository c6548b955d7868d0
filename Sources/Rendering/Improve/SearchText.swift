import Knobs
package import Scaling

/// Words for a search.
package enum SearchText {
  static func aim(_ goal: SearchGoal) -> String {
    switch goal {
    case .rate: "a higher rate"
    case .p99: "a lower p99"
    case .cpu: "less CPU time per transaction"
    case .larger: "a larger figure"
    case .smaller: "a smaller figure"
    }
  }

  static func figure(_ goal: SearchGoal) -> String {
    switch goal {
    case .rate: "rate"
    case .p99: "p99"
    case .cpu: "CPU time per transaction"
    case .larger, .smaller: "the figure"
    }
  }

  static func costName(_ name: String) -> String {
    switch name {
    case "rate": "rate"
    case "cpu": "CPU time per transaction"
    default: name
    }
  }

  /// "p99 +2.0 % [-1.2 to +5.1 %]"; of the rate, which is kept as time per transaction, how it changed.
  static func cost(_ name: String, _ ratio: Interval) -> String? {
    let change =
      name == "rate" ? Interval(1 / ratio.estimate, 1 / ratio.high, 1 / ratio.low) : ratio
    return percent(change).map { "\(costName(name)) \($0)" }
  }

  /// A ratio as "+8.1 % [+4.2 to +12.1 %]"; nil where it is without end.
  package static func percent(_ ratio: Interval) -> String? {
    func share(_ value: Double) -> String {
      let percent = (value - 1) * 100
      return (percent < 0 ? "-" : "+") + Format.fixed(abs(percent), 1)
    }
    guard ratio.low.isFinite, ratio.high.isFinite else { return nil }
    return "\(share(ratio.estimate)) % [\(share(ratio.low)) to \(share(ratio.high)) %]"
  }

  /// "other programs took 31 % of the CPUs' time"
  package static func sentence(_ disturbance: Disturbance) -> String {
    let share = "\(Format.percent(disturbance.share, 0)) of the CPUs' time"
    return switch disturbance.taker {
    case .hypervisor: "the hypervisor took \(share)"
    case .otherPrograms: "other programs took \(share)"
    case .quota: "a CPU quota held back \(share)"
    }
  }

  /// Once a candidate's outcome is known: "round 7: link.mtu=1400 gains, +8.1 % [+4.2 to +12.1 %]".
  package static func departure(_ row: SearchOutcome.Row, _ plan: SearchPlan) -> String {
    let name = plan.candidates[row.candidate].name
    let round = row.left.map { "round \($0): " } ?? ""
    let figures = row.gain.flatMap(percent).map { ", \($0)" } ?? ""
    return "\(round)\(name) \(verb(row.fate))\(row.reason.map { ": \($0)" } ?? figures)"
  }

  static func verb(_ fate: SearchOutcome.Fate) -> String {
    switch fate {
    case .gains: "gains"
    case .loses: "loses"
    case .noGain: "gains too little"
    case .undecided: "is undecided"
    case .harmed: "does harm"
    case .failed: "cannot be measured"
    case .inapplicable: "cannot be set"
    }
  }

  /// "18 min 3 s"
  package static func time(_ seconds: Double) -> String {
    let whole = Int(max(0, min(1e9, seconds)).rounded())
    if whole < 60 { return "\(whole) s" }
    return whole % 60 == 0 ? "\(whole / 60) min" : "\(whole / 60) min \(whole % 60) s"
  }

  /// Words of a command line for a shell: "queue.rps-cpus=0-3 rx-1".
  static func quoted(_ setting: String) -> String {
    let (assignment, places) = Place.Part.split(assignment: setting)
    return Words.shell([assignment] + places)
  }

  /// What an effect takes, from the spread of the first rounds: "an effect of 5 % takes about 2 min,
  /// of 2 % 9 min, of 1 % more than 20 min".
  package static func forecast(_ search: Search) -> String? {
    guard let spread = search.spread else { return nil }
    let plan = search.plan
    let round = search.trialCost * Double(search.undecided + 1)
    let times = [0.05, 0.02, 0.01].map { effect -> String in
      guard let rounds = plan.rounds(for: effect, spread: spread, among: search.family) else {
        return "of \(Format.percent(effect)) more than can be measured"
      }
      return "of \(Format.percent(effect)) about \(time(Double(rounds) * round))"
    }
    return "rounds differ by \(Format.percent(spread)): to tell an effect takes, "
      + times.joined(separator: ", ") + "; the budget is \(time(plan.budget))"
  }
}
