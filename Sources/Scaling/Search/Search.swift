import Glibc

/// Finds what betters a figure: observations in, the next trial out. It knows neither a clock nor a
/// kernel.
///
/// 1. **Screening.** Each round measures the base and every candidate that is still in it, in random
///    order, the next round in the mirrored one, and a candidate is held against the base of its own
///    round. After each round, one that is told from the base, or that gains less than is worth a change,
///    leaves, by an interval that holds for all candidates and looks at once
///    (`Interval.anytimeMean`, with Bonferroni's share of the error for each).
/// 2. **Combining.** Effects do not add: those that gain are measured together, each left out once, and
///    the best alone.
/// 3. **Duel.** The winner was chosen for its figures, luck included. Fresh rounds of the base against it
///    alone, as many as were settled before the first, give the effect that is reported.
package struct Search: Sendable {
  /// The candidates that are in force together; none is the base.
  package typealias Trial = [Int]

  package enum Phase: String, Sendable {
    case screening, combining, duel, done
  }

  package enum Result: Sendable {
    case observed(SearchObservation)
    /// It could not be measured; twice in a row it never can.
    case failed(String)
    /// Link loss, errors: it is not tried again.
    case harmed(String)
    /// The device lacks it, or has it already.
    case inapplicable(String)
    /// Something else took the machine's time, which is not the trial's fault: it is made again.
    case disturbed(String)
  }

  package static let leastRounds = 3
  /// Of the duel: fewer give an interval that says nothing.
  static let leastDuel = 6
  /// Shares of the budget that screening, and screening with combining, may take.
  private static let screeningShare = 0.6
  private static let combiningShare = 0.75
  /// Frames of no protocol that this host knows count as dropped, and come now and then.
  private static let strayLosses: UInt64 = 10
  /// Disturbed trials in a row after which there is no use in going on.
  package static let patience = 5

  package let plan: SearchPlan
  package private(set) var phase = Phase.screening
  /// Seconds.
  package private(set) var spent = 0.0
  /// Rounds of this phase that are complete.
  package private(set) var rounds: [[Trial: SearchObservation]] = []

  private var fates: [Int: SearchOutcome.Fate] = [:]
  private var reasons: [Int: String] = [:]
  /// By candidate: the logarithm of its gain in each round of screening.
  private var gains: [[Double]]
  /// By candidate: the rounds after which it was known to gain nothing.
  private var gainless: [Int: Int] = [:]
  /// What each round of this phase measures.
  private var contenders: [Trial] = []
  private var order: [Trial] = []
  private var left: ArraySlice<Trial> = []
  private var current: [Trial: SearchObservation] = [:]
  private var strikes: [Trial: Int] = [:]
  private var winner: Trial?
  private var duelRounds = 0
  private var failure: String?
  private var disturbances = 0
  /// After which round of screening a candidate left.
  private var departures: [Int: Int] = [:]
  /// The most that the base lost in a trial, by counter; nil before its first.
  private var baseLosses: [String: UInt64]?
  /// In how many trials there was reason to doubt the figure.
  package private(set) var doubts: [Warning.Code: Int] = [:]
  private var generator: SplitMix
  package private(set) var trials = 0
  private var observed = 0
  private var observedSeconds = 0.0

  package init(_ plan: SearchPlan) {
    self.plan = plan
    gains = plan.candidates.map { _ in [] }
    generator = SplitMix(plan.seed)
    contenders = [[]] + plan.candidates.indices.map { [$0] }
    if plan.candidates.isEmpty { phase = .done } else { beginRound() }
  }

  /// What to measure next; nil when there is nothing more to learn.
  package var next: Trial? { phase == .done ? nil : left.first }

  /// - Parameter seconds: of a trial that came to nothing; an observation has its own.
  package mutating func take(_ result: Result, seconds: Double = 0) {
    guard phase != .done, let trial = left.first else { return }
    trials += 1
    if case .disturbed(let reason) = result {
      spent += max(0, seconds)
      return disturb(reason)
    }
    disturbances = 0
    left.removeFirst()
    switch result {
    case .observed(let observation):
      spent += max(0, observation.seconds)
      observed += 1
      observedSeconds += max(0, observation.seconds)
      for doubt in Set(observation.doubts) { doubts[doubt, default: 0] += 1 }
      if observation.figure > 0, observation.figure.isFinite {
        strikes[trial] = nil
        current[trial] = observation
        judgeLosses(trial, observation)
      } else {
        strike(trial, "no figure above 0")
      }
    case .failed(let reason):
      spent += max(0, seconds)
      strike(trial, reason)
    case .harmed(let reason):
      spent += max(0, seconds)
      end(trial, .harmed, reason)
    case .inapplicable(let reason):
      spent += max(0, seconds)
      end(trial, .inapplicable, reason)
    case .disturbed: break
    }
    if phase != .done && left.isEmpty { endRound() }
  }

  private mutating func disturb(_ reason: String) {
    disturbances += 1
    if disturbances >= Self.patience {
      failure = reason
      phase = .done
    }
  }

  /// Ends what makes a device lose packets that the base does not.
  private mutating func judgeLosses(_ trial: Trial, _ observation: SearchObservation) {
    if trial.isEmpty {
      baseLosses = (baseLosses ?? [:]).merging(observation.losses) { max($0, $1) }
      for (other, seen) in current where !other.isEmpty { endIfLossy(other, seen) }
    } else {
      endIfLossy(trial, observation)
    }
  }

  private mutating func endIfLossy(_ trial: Trial, _ observation: SearchObservation) {
    guard let baseLosses else { return }
    for (counter, count) in observation.losses.sorted(by: { $0.key < $1.key }) {
      let usual = baseLosses[counter] ?? 0
      guard count > usual &* 2 &+ Self.strayLosses else { continue }
      current[trial] = nil
      return end(
        trial, .harmed, "\(counter) rose by \(count) in a trial, without it by \(usual) at most")
    }
  }

  private mutating func strike(_ trial: Trial, _ reason: String) {
    strikes[trial, default: 0] += 1
    if strikes[trial, default: 0] > 1 { end(trial, .failed, reason) }
  }

  /// A trial that is not made again.
  private mutating func end(_ trial: Trial, _ fate: SearchOutcome.Fate, _ reason: String) {
    if trial.isEmpty {
      failure = reason
      phase = .done
      return
    }
    // Of several together none is to blame alone.
    if let candidate = trial.first, trial.count == 1 {
      (fates[candidate], reasons[candidate]) = (fate, reason)
      if phase == .screening { departures[candidate] = rounds.count + 1 }
    }
    contenders.removeAll { $0 == trial }
    left.removeAll { $0 == trial }
    if phase == .duel {
      winner = nil
      phase = .done
    }
  }

  // MARK: - Rounds

  private mutating func beginRound() {
    // Every second round is the mirror of the one before it.
    if rounds.count.isMultiple(of: 2) || Set(order) != Set(contenders) {
      order = contenders.shuffled(using: &generator)
    } else {
      order.reverse()
    }
    left = order[...]
    current = [:]
  }

  private mutating func endRound() {
    rounds.append(current)
    switch phase {
    case .screening:
      for candidate in plan.candidates.indices {
        if let gain = gain([candidate], current) { gains[candidate].append(gain) }
      }
      decide()
      if contenders.count < 2 || spent + roundCost > Self.screeningShare * plan.budget {
        return endScreening()
      }
    case .combining:
      if rounds.count >= Self.leastDuel || contenders.count < 3
        || spent + roundCost > Self.combiningShare * plan.budget
      {
        return endCombining()
      }
    case .duel:
      if rounds.count >= duelRounds {
        phase = .done
        return
      }
    case .done: return
    }
    beginRound()
  }

  /// Seconds of one more round, by what a trial has taken.
  private var roundCost: Double { trialCost * Double(contenders.count) }
  package var trialCost: Double { observed > 0 ? observedSeconds / Double(observed) : 0 }

  /// The candidates that share the error: those that can be set here, which no figure has a part in.
  package var family: Int {
    max(1, plan.candidates.count - fates.values.count { $0 == .inapplicable })
  }

  /// The standard deviation of the logarithm of a candidate's ratio in one round, by those of all; nil
  /// before the first decision.
  package var spread: Double? {
    var (sum, freedom) = (0.0, 0.0)
    for gains in gains where gains.count >= Self.leastRounds {
      guard let (_, variance) = gains.moments else { continue }
      sum += variance * Double(gains.count - 1)
      freedom += Double(gains.count - 1)
    }
    return freedom > 0 ? (sum / freedom).squareRoot() : nil
  }

  /// How many candidates are in it yet.
  package var undecided: Int { contenders.count(where: { !$0.isEmpty }) }

  /// The logarithm of a trial's gain over the base in one round.
  private func gain(_ trial: Trial, _ round: [Trial: SearchObservation]) -> Double? {
    guard let base = round[[]], let other = round[trial] else { return nil }
    let ratio = log(other.figure / base.figure)
    return plan.goal.isHigherBetter ? ratio : -ratio
  }

  private func interval(_ candidate: Int) -> Interval? {
    Interval.anytimeMean(
      gains[candidate], error: plan.errorRate / Double(family))
  }

  private mutating func decide() {
    for candidate in plan.candidates.indices
    where fates[candidate] == nil && gains[candidate].count >= Self.leastRounds {
      guard let interval = interval(candidate) else { continue }
      let fate: SearchOutcome.Fate? =
        if interval.low > 0 {
          .gains
        } else if interval.high < 0 {
          .loses
        } else if interval.high < log(1 + plan.leastEffect), isSettled(candidate) {
          .noGain
        } else {
          nil
        }
      guard let fate else { continue }
      fates[candidate] = fate
      departures[candidate] = rounds.count
      contenders.removeAll { $0 == [candidate] }
    }
  }

  /// What gains nothing may lose, which takes a few rounds more to tell: half as many again.
  private mutating func isSettled(_ candidate: Int) -> Bool {
    let count = gains[candidate].count
    let since = gainless[candidate] ?? count
    gainless[candidate] = since
    return count >= since + max(2, since / 2)
  }

  // MARK: - From phase to phase

  private mutating func begin(_ phase: Phase, _ contenders: [Trial]) {
    self.phase = phase
    self.contenders = contenders
    rounds = []
    order = []
    strikes = [:]
    beginRound()
  }

  /// By their mean gain, the best first.
  private func ranked(_ candidates: [Int]) -> [Int] {
    candidates.sorted { (interval($0)?.estimate ?? 0) > (interval($1)?.estimate ?? 0) }
  }

  private mutating func endScreening() {
    var together: [Int] = []
    for candidate in ranked(plan.candidates.indices.filter { fates[$0] == .gains })
    where !together.contains(where: {
      plan.candidates[$0].excludes(plan.candidates[candidate])
    }) {
      together.append(candidate)
    }
    guard let best = together.first else {
      // What could not be told yet may still be told alone, by a duel that stands for itself.
      let hope = ranked(plan.candidates.indices.filter { fates[$0] == nil }).first
      guard let hope, let gain = interval(hope), gain.estimate > log(1 + plan.leastEffect) else {
        phase = .done
        return
      }
      return beginDuel([hope], of: gains[hope])
    }
    guard together.count > 1 else { return beginDuel([best], of: gains[best]) }
    let all = together.sorted()
    let without = together.count > 2 ? all.map { one in all.filter { $0 != one } } : []
    begin(.combining, [[], [best], all] + without)
  }

  private mutating func endCombining() {
    func mean(_ trial: Trial) -> Double {
      let gains = rounds.compactMap { gain(trial, $0) }
      return gains.isEmpty ? -.infinity : gains.reduce(0, +) / Double(gains.count)
    }
    let trials = contenders.filter { !$0.isEmpty }
    guard let best = trials.max(by: { mean($0) < mean($1) }) else {
      phase = .done
      return
    }
    beginDuel(best, of: rounds.compactMap { gain(best, $0) })
  }

  /// As many rounds as tell the gain that is expected from a third less and a third more, as far as the
  /// budget goes.
  private mutating func beginDuel(_ winner: Trial, of gains: [Double]) {
    let affordable = Int(max(0, min(1e6, (plan.budget - spent) / max(2 * trialCost, 1e-9))))
    guard affordable >= Self.leastDuel, let (mean, variance) = gains.moments else {
      phase = .done
      return
    }
    let wanted = max(abs(mean) / 3, plan.leastEffect / 2)
    let needed = min(1e6, 4 * variance / (wanted * wanted))
    duelRounds = min(affordable, max(Self.leastDuel, Int(needed.rounded(.up)) + 2))
    self.winner = winner
    begin(.duel, [[], winner])
  }

  // MARK: - What came of it

  package var outcome: SearchOutcome {
    let rows = plan.candidates.indices.map { candidate in
      SearchOutcome.Row(
        candidate: candidate, fate: fates[candidate] ?? .undecided, reason: reasons[candidate],
        gain: interval(candidate).map(Self.ratio), rounds: gains[candidate].count,
        left: departures[candidate])
    }
    let duel = self.duel
    let verdict: SearchOutcome.Verdict =
      if failure != nil {
        disturbances >= Self.patience ? .disturbed : .failed
      } else if let duel, duel.gain.low > 1 {
        duel.trades.isEmpty ? .helps : .trade
      } else if let duel, duel.gain.high >= 1 + plan.leastEffect {
        .untold
      } else if rows.contains(where: { $0.fate == .undecided && duel?.candidates != [$0.candidate] }
      ) {
        .untold
      } else if duel == nil && rows.contains(where: { $0.fate == .gains }) {
        .untold
      } else {
        .nothing
      }
    return SearchOutcome(
      verdict: verdict, rows: rows, duel: duel, spent: spent, failure: failure)
  }

  private static func ratio(_ interval: Interval) -> Interval {
    Interval(exp(interval.estimate), exp(interval.low), exp(interval.high))
  }

  private var duel: SearchOutcome.Duel? {
    guard let winner, phase == .done, rounds.count >= Self.leastDuel else { return nil }
    let gains = rounds.compactMap { gain(winner, $0) }
    guard let gain = Interval.mean(gains, confidence: 1 - plan.errorRate) else { return nil }
    var costs: [String: Interval] = [:]
    let names = Set(rounds.flatMap { $0.values.flatMap(\.costs.keys) })
    for name in names {
      costs[name] = Interval.pairedRatio(
        rounds.compactMap { round in
          guard let base = round[[]]?.costs[name], let other = round[winner]?.costs[name] else {
            return nil
          }
          return (other, base)
        })
    }
    let dearer = costs.filter { $0.value.low > 1 && $0.value.estimate > 1 + plan.tolerance }.keys
    let added = names.filter { name in
      rounds.allSatisfy { ($0[[]]?.costs[name] ?? 0) == 0 }
        && rounds.filter { ($0[winner]?.costs[name] ?? 0) > 0 }.count * 2 > rounds.count
    }
    return SearchOutcome.Duel(
      candidates: winner, gain: Self.ratio(gain), ratios: gains.map { exp($0) }, costs: costs,
      trades: Set(dearer).union(added).sorted())
  }
}
