import Foundation
import KernelIO
import Testing

@testable import Rendering
@testable import Scaling

/// The search on noise of known kinds: what it says is true as often as it claims.
struct SearchTests {
  /// A machine that does not exist: what candidates do to its figure is known.
  private struct Bench {
    /// The logarithm of the figure's gain, by candidate.
    var effects: [Double]
    /// Of the logarithm of one trial's figure.
    var spread = 0.02
    /// What effects of candidates together have beyond their sum.
    var interaction = 0.0
    /// Each trial's figure is this much (of a logarithm) beyond the one before it.
    var drift = 0.0
    /// The share of trials that another program slows down by a fifth.
    var disturbed = 0.0
    /// What candidates cost in CPU time, as logarithms.
    var costs: [Int: Double] = [:]
    var seconds = 3.0
    var generator: SplitMix
    private var trials = 0

    init(_ effects: [Double], seed: UInt64) {
      self.effects = effects
      generator = SplitMix(seed &* 7919)
    }

    private mutating func normal() -> Double {
      let u = Double.random(in: Double.leastNonzeroMagnitude..<1, using: &generator)
      return (-2 * log(u)).squareRoot() * cos(2 * .pi * Double.random(in: 0..<1, using: &generator))
    }

    mutating func measure(_ trial: Search.Trial) -> SearchObservation {
      trials += 1
      var figure = spread * normal() + drift * Double(trials)
      if Double.random(in: 0..<1, using: &generator) < disturbed { figure -= 0.2 }
      for candidate in trial { figure += effects[candidate] }
      if trial.count > 1 { figure += interaction }
      let cpu = trial.reduce(0) { $0 + (costs[$1] ?? 0) } + spread * normal()
      return SearchObservation(
        figure: 20_000 * exp(figure), costs: ["cpu": 40 * exp(cpu)], seconds: seconds)
    }

    mutating func search(_ plan: SearchPlan) -> SearchOutcome {
      var search = Search(plan)
      while let trial = search.next { search.take(.observed(measure(trial))) }
      return search.outcome
    }
  }

  private static func plan(
    _ count: Int, minutes: Double = 20, goal: SearchGoal = .rate, seed: UInt64 = 1
  ) -> SearchPlan {
    var plan = SearchPlan(
      goal: goal,
      candidates: (0..<count).map { .init(["c\($0)"], settings: ["knob \($0)"]) },
      budget: minutes * 60)
    plan.seed = seed
    return plan
  }

  /// Runs 200 searches, and returns how many of them `count`.
  private static func share(
    of runs: Int = 200, _ count: (UInt64) -> Bool
  ) -> Double {
    Double((1...runs).filter { count(UInt64($0)) }.count) / Double(runs)
  }

  @Test(arguments: [0.005, 0.02, 0.1], [0.0, 0.0005])
  func nothingIsFoundWhereNothingIs(spread: Double, drift: Double) {
    let found = Self.share { seed in
      var bench = Bench([Double](repeating: 0, count: 8), seed: seed)
      bench.spread = spread
      bench.drift = drift
      let outcome = bench.search(Self.plan(8, seed: seed))
      return outcome.verdict == .helps || outcome.verdict == .trade
    }
    print("spread \(spread), drift \(drift): something was found in \(found * 100) % of searches")
    #expect(found <= 0.05)
  }

  /// Normal noise is the best that one may hope for.
  @Test func disturbedTrialsFindNothingEither() {
    let found = Self.share { seed in
      var bench = Bench([Double](repeating: 0, count: 8), seed: seed)
      bench.disturbed = 0.05
      return bench.search(Self.plan(8, seed: seed)).verdict == .helps
    }
    #expect(found <= 0.05)
  }

  @Test func aGainOfFivePerCentIsFoundWithinTwentyMinutes() {
    var inside = 0
    var finds = 0
    let found = Self.share { seed in
      var effects = [Double](repeating: 0, count: 8)
      effects[3] = log(1.05)
      var bench = Bench(effects, seed: seed)
      let outcome = bench.search(Self.plan(8, seed: seed))
      #expect(outcome.spent <= 20 * 60)
      guard outcome.verdict == .helps, outcome.duel?.candidates == [3] else { return false }
      finds += 1
      if outcome.duel?.gain.contains(1.05) == true { inside += 1 }
      return true
    }
    print(
      "a gain of 5 % was found in \(found * 100) % of searches, in the interval \(inside)/\(finds)")
    #expect(found >= 0.95)
    #expect(Double(inside) >= 0.92 * Double(finds))
  }

  @Test func aLossOfFivePerCentIsTold() {
    let told = Self.share { seed in
      var bench = Bench([0, 0, -log(1.05), 0], seed: seed)
      let outcome = bench.search(Self.plan(4, seed: seed))
      return outcome.rows[2].fate == .loses
        && outcome.rows.allSatisfy { $0.candidate == 2 || $0.fate != .loses }
        && outcome.verdict != .helps
    }
    #expect(told >= 0.95)
  }

  @Test func aSmallerFigureIsTheBetterOneOfLatency() {
    var bench = Bench([-0.1, 0.1], seed: 3)
    let outcome = bench.search(Self.plan(2, goal: .p99))
    #expect(outcome.verdict == .helps && outcome.duel?.candidates == [0])
    #expect(outcome.rows.map(\.fate) == [.gains, .loses])
    #expect(outcome.duel.map { $0.gain.contains(exp(0.1)) } == true, "\(outcome)")
  }

  @Test func thoseThatGainAreCombined() {
    var bench = Bench([0.05, 0, 0.04, 0.03], seed: 5)
    let outcome = bench.search(Self.plan(4, minutes: 60))
    #expect(outcome.duel?.candidates == [0, 2, 3], "\(outcome)")
    #expect(outcome.duel.map { $0.gain.contains(exp(0.12)) } == true, "\(outcome)")
  }

  @Test func theBestAloneWinsWhereTheyDisturbOneAnother() {
    var bench = Bench([0.05, 0, 0.08], seed: 5)
    bench.interaction = -0.12
    let outcome = bench.search(Self.plan(3, minutes: 60))
    #expect(outcome.duel?.candidates == [2], "\(outcome)")
  }

  @Test func twoValuesOfOneKnobAreNotCombined() {
    var plan = Self.plan(3, minutes: 60)
    plan.candidates[1].settings = ["knob 0"]
    var bench = Bench([0.05, 0.09, 0], seed: 5)
    #expect(bench.search(plan).duel?.candidates == [1])
  }

  @Test func aGainThatCostsIsATrade() {
    var bench = Bench([0.08], seed: 8)
    bench.costs = [0: log(1.3)]
    let outcome = bench.search(Self.plan(1))
    #expect(outcome.verdict == .trade && outcome.duel?.trades == ["cpu"], "\(outcome)")
    #expect(outcome.duel?.costs["cpu"]?.contains(1.3) == true, "\(outcome)")
    let isTrade = Self.share { seed in
      var bench = Bench([0.08], seed: seed)
      bench.costs = [0: log(1.02)]
      return bench.search(Self.plan(1)).verdict == .trade
    }
    #expect(isTrade <= 0.05)
  }

  @Test func whatDoesHarmIsNotTriedAgain() {
    var search = Search(Self.plan(3))
    var bench = Bench([0, 0.5, 0], seed: 2)
    var tried = 0
    while let trial = search.next {
      if trial.contains(1) {
        tried += 1
        search.take(.harmed("eth0 lost its link"), seconds: 1)
      } else {
        search.take(.observed(bench.measure(trial)))
      }
    }
    #expect(tried == 1)
    #expect(search.outcome.rows[1].fate == .harmed)
    #expect(search.outcome.rows[1].reason == "eth0 lost its link")
    #expect(search.outcome.rows[1].rounds == 0 && search.outcome.duel == nil)
  }

  @Test func whatFailsTwiceInARowIsGivenUp() {
    var search = Search(Self.plan(2))
    var bench = Bench([0, 0.1], seed: 2)
    var turn = 0
    while let trial = search.next {
      if trial == [0] {
        search.take(.failed("no answer"))
      } else if trial == [1] {
        turn += 1
        search.take(turn % 3 == 0 ? .failed("now and then") : .observed(bench.measure(trial)))
      } else {
        search.take(.observed(bench.measure(trial)))
      }
    }
    #expect(search.outcome.rows[0].fate == .failed)
    #expect(search.outcome.rows[0].reason == "no answer")
    #expect(search.outcome.verdict == .helps && search.outcome.duel?.candidates == [1])
  }

  @Test func aDisturbedTrialIsMadeAgain() {
    var search = Search(Self.plan(2))
    var bench = Bench([0, 0.1], seed: 2)
    var turn = 0
    while let trial = search.next {
      turn += 1
      guard turn % 3 == 0 else {
        search.take(.observed(bench.measure(trial)))
        continue
      }
      let spent = search.spent
      search.take(.disturbed("other programs"), seconds: 2)
      #expect(search.next == trial && search.spent == spent + 2)
    }
    #expect(search.outcome.verdict == .helps && search.outcome.duel?.candidates == [1])
  }

  @Test func aMachineThatIsNeverQuietEndsTheSearch() {
    var search = Search(Self.plan(2))
    var trials = 0
    while search.next != nil {
      trials += 1
      search.take(.disturbed("other programs took half"), seconds: 2)
    }
    #expect(trials == Search.patience && search.outcome.verdict == .disturbed)
    #expect(search.outcome.failure == "other programs took half")
  }

  /// In any order, in the first round too: whether the base comes before it is left to chance.
  @Test(arguments: 1...20)
  func whatMakesADeviceLosePacketsIsEndedAtOnce(seed: UInt64) {
    var search = Search(Self.plan(3, seed: seed))
    var bench = Bench([0, 0.5, 0], seed: seed)
    var tried = 0
    while let trial = search.next {
      var observation = bench.measure(trial)
      // Some are lost whatever is set.
      observation.losses = ["eth0 rx-missed-errors": trial == [1] ? 300 : 100]
      observation.losses["eth0 rx-dropped"] = trial == [2] ? 7 : 0
      if trial == [1] { tried += 1 }
      search.take(.observed(observation))
    }
    let rows = search.outcome.rows
    #expect(tried == 1 && rows[1].fate == .harmed && rows[1].left == 1)
    #expect(
      rows[1].reason
        == "eth0 rx-missed-errors rose by 300 in a trial, without it by 100 at most")
    #expect(rows[0].fate != .harmed && rows[2].fate != .harmed)
  }

  /// It was chosen, and then does harm: it is no winner.
  @Test func aWinnerThatDoesHarmDoesNotHelp() {
    var search = Search(Self.plan(2))
    var bench = Bench([0.1, 0], seed: 3)
    var rounds = 0
    while let trial = search.next {
      var observation = bench.measure(trial)
      if search.phase == .duel, trial == [0] {
        rounds += 1
        if rounds > 7 { observation.losses = ["eth0 rx-errors": 1000] }
      }
      search.take(.observed(observation))
    }
    #expect(rounds == 8 || search.outcome.duel.map { $0.rounds < 8 } == true)
    if rounds == 8 {
      #expect(search.outcome.duel == nil && search.outcome.rows[0].fate == .harmed)
      #expect(search.outcome.verdict != .helps && search.outcome.verdict != .trade)
    }
  }

  // MARK: - As it is kept

  private static func session(_ plan: SearchPlan) -> SearchSession {
    SearchSession(
      tool: "rxtune 0", started: 1_790_000_000, command: ["rxtune", "improve"],
      machine: Machine(LiveKernel()), plan: plan,
      refused: [.init(name: "rings.rx=4096", reason: "it is so already")], devices: ["eth0"],
      workload: "crr on reuseport with 1 worker", warnings: [Warning(.loopback)])
  }

  /// A search with all kinds of trials, and the file of it.
  private static func recorded() throws -> (Search, [UInt8]) {
    var search = Search(plan(4))
    var bench = Bench([0, 0.06, -0.06, 0], seed: 9)
    var bytes = try ResultsFile.encode(.search(session(search.plan)))
    var number = 0
    while let trial = search.next {
      number += 1
      var observation = bench.measure(trial)
      observation.doubts = number % 4 == 0 ? [.otherLoad] : []
      let result: Search.Result =
        trial == [3]
        ? .harmed("eth0 lost its link")
        : number % 11 == 0 ? .disturbed("other programs took 30 %") : .observed(observation)
      bytes += try ResultsFile.encode(
        .trial(TrialRecord(search, trial, started: 1_790_000_000, seconds: 3, result)))
      search.take(result, seconds: 3)
    }
    return (search, bytes)
  }

  @Test func aResultsFileTellsTheSameOutcome() throws {
    let (search, bytes) = try Self.recorded()
    let report = try #require(try ResultsFile.decode(bytes, from: "memory").search)
    #expect(report.outcome == search.outcome && report.outcome.verdict == .helps)
    #expect(report.interruption == nil && report.settings == ["c1"])
    let doubt = try #require(report.warnings.last)
    #expect(doubt.code == .otherLoad && doubt.detail.hasSuffix("\(search.trials) trials"))
    // One that was killed has no last trials.
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    let cut = Array(lines.dropLast(3).joined(separator: [UInt8(ascii: "\n")])) + [10]
    let ended = try #require(try ResultsFile.decode(cut, from: "memory").search)
    #expect(ended.interruption != nil && ended.outcome.duel == nil)
  }

  @Test func aFileThatNoSearchWroteIsRefused() throws {
    let text = String(decoding: try Self.recorded().1, as: UTF8.self)
    func refusal(_ old: String, _ new: String) -> String {
      guard let place = text.firstRange(of: old) else { return "nothing to change" }
      do {
        let changed = text.replacingCharacters(in: place, with: new)
        _ = try ResultsFile.decode(Array(changed.utf8), from: "memory")
        return "accepted"
      } catch { return "\(error)" }
    }
    #expect(refusal("\"method\":1", "\"method\":2").contains("made by method 2"))
    #expect(refusal("\"budget\":1200", "\"budget\":-1").contains("no search"))
    #expect(refusal("\"errorRate\":0.05", "\"errorRate\":0").contains("no search"))
    #expect(refusal("\"seed\":1", "\"seed\":2").contains("does not follow"))
  }

  /// Whatever a file holds is read or refused.
  @Test func aDamagedFileIsReadOrRefused() throws {
    let bytes = try Self.recorded().1
    let begin = try #require(bytes.firstIndex(of: UInt8(ascii: "\n")))
    var generator = SplitMix(5)
    var (read, refused) = (0, 0)
    for _ in 0..<300 {
      var broken = bytes
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: begin..<broken.count, using: &generator)
        let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(broken[place])
        broken[place] =
          (isDigit ? "0123456789" : "eE-.,[]{}\"").utf8.randomElement(using: &generator) ?? 0
      }
      do {
        guard let report = try ResultsFile.decode(broken, from: "broken").search else { continue }
        read += 1
        #expect(!SearchDocument(report).lines.isEmpty)
        #expect(SearchPage.html(report).count > 1000)
      } catch { refused += 1 }
    }
    #expect(read > 20 && refused > 20, "\(read) \(refused)")
  }

  @Test func thePageShowsEveryCandidateAndTheDuel() throws {
    let (search, bytes) = try Self.recorded()
    let report = try #require(try ResultsFile.decode(bytes, from: "memory").search)
    let page = SearchPage.html(report)
    for words in [
      "What helps here, measured", "c1 helps", "eth0 lost its link",
      "rings.rx=4096: it is so already",
      "<td>round 1</td>", "class=\"line gains\"", "class=\"line loses\"",
    ] {
      #expect(page.contains(words), "\(words)")
    }
    let duel = try #require(search.outcome.duel)
    #expect(page.components(separatedBy: "<title>round ").count == duel.rounds + 1)
    #expect(!page.contains("nan") && !page.contains("inf\""))
  }

  // MARK: - As it goes on

  @Test func barsNarrow() throws {
    var search = Search(Self.plan(3))
    var bench = Bench([0, 0.05, 0], seed: 4)
    func look() -> Double? {
      let lines = SearchBoard(search, search.next ?? []).lines(columns: 120, rows: 24)
      #expect(lines.count == 4 && lines[0].hasPrefix("screening, round "), "\(lines)")
      #expect(lines.allSatisfy { $0.count < 120 })
      return search.outcome.rows[0].gain.map { $0.high - $0.low }
    }
    var widths: [Double] = []
    while search.phase == .screening, let trial = search.next {
      if let now = look(), now.isFinite { widths.append(now) }
      search.take(.observed(bench.measure(trial)))
    }
    #expect(widths.count > 10)
    #expect((widths.last ?? .infinity) < (widths.first ?? 0), "\(widths)")
  }

  @Test func aBoardKeepsToItsTerminal() {
    var search = Search(Self.plan(30))
    var bench = Bench([Double](repeating: 0, count: 30), seed: 4)
    for _ in 0..<150 {
      guard let trial = search.next else { break }
      search.take(.observed(bench.measure(trial)))
    }
    for (columns, rows) in [(80, 24), (40, 5), (10, 1), (1, 1), (300, 100)] {
      let lines = SearchBoard(search, [2]).lines(columns: columns, rows: rows)
      #expect(lines.count <= max(1, rows) && !lines.isEmpty)
      #expect(lines.allSatisfy { $0.count <= columns })
    }
    let lines = SearchBoard(search, [2]).lines(columns: 100, rows: 60)
    #expect(lines.filter { $0.hasPrefix(">") }.count == 1)
    #expect(lines.filter { $0.contains("●") }.count == 30, "\(lines)")
  }

  @Test func withoutABaseThereIsNothingToFind() {
    var search = Search(Self.plan(2))
    var bench = Bench([0, 0], seed: 2)
    while let trial = search.next {
      search.take(trial.isEmpty ? .failed("refused") : .observed(bench.measure(trial)))
    }
    #expect(search.outcome.verdict == .failed && search.outcome.failure == "refused")
  }

  @Test func theBudgetIsKeptAndWhatIsLeftUntoldSaysSo() {
    var bench = Bench([0.01, 0, 0], seed: 4)
    bench.spread = 0.1
    let outcome = bench.search(Self.plan(3, minutes: 2))
    #expect(outcome.spent <= 120)
    #expect(outcome.verdict == .untold)
    #expect(outcome.rows.allSatisfy { $0.fate == .undecided })
  }

  /// Each second round measures in the mirrored order, so that a drift falls on all alike.
  @Test func roundsAreMirrored() {
    var search = Search(Self.plan(4, minutes: 1e6))
    var bench = Bench([0, 0, 0, 0], seed: 4)
    bench.spread = 1
    var order: [Search.Trial] = []
    for _ in 0..<10 {
      let trial = search.next ?? []
      order.append(trial)
      search.take(.observed(bench.measure(trial)))
    }
    #expect(Array(order[5...]) == order[..<5].reversed())
    #expect(Set(order[..<5]) == [[], [0], [1], [2], [3]])
  }

  @Test(arguments: [-1.0, 0, .infinity, .nan])
  func aFigureThatIsNoneIsAFailure(figure: Double) {
    var search = Search(Self.plan(1))
    while search.next != nil {
      search.take(.observed(SearchObservation(figure: figure, seconds: 1)))
    }
    #expect(search.outcome.verdict == .failed)
  }

  /// With looks after each of 200 samples.
  @Test func theAnytimeIntervalHoldsAtEveryLook() throws {
    for error in [0.05, 0.2] {
      var misses = 0
      for seed in 1...400 {
        var bench = Bench([0], seed: UInt64(seed))
        bench.spread = 1
        var samples: [Double] = []
        var missed = false
        for _ in 0..<200 {
          samples.append(log(bench.measure([]).figure / 20_000))
          if let interval = Interval.anytimeMean(samples, error: error), !interval.contains(0) {
            missed = true
          }
        }
        if missed { misses += 1 }
      }
      print("missed by \(Double(misses) / 4) % of 400 sequences, at most \(error * 100) %")
      #expect(Double(misses) / 400 <= error)
    }
    // By hand: n = 10, g = 1: (√11 / 0.05)^(1/5) = 2.3137, u = 1.3137 / (1 − 2.3137/11).
    let quantile = try #require(Interval.anytimeQuantile(10, error: 0.05))
    #expect(abs(quantile - 3.869) < 0.001, "\(quantile)")
    #expect(Interval.anytimeQuantile(2, error: 0.001) == nil)
    #expect(Interval.anytimeMean([1], error: 0.05) == nil)
  }

  @Test func theForecastIsWhatItTakes() throws {
    let plan = Self.plan(8)
    let five = try #require(plan.rounds(for: 0.05, spread: 0.03))
    let one = try #require(plan.rounds(for: 0.01, spread: 0.03))
    #expect(five < one)
    let quantile = try #require(Interval.anytimeQuantile(one, error: 0.05 / 8))
    #expect(quantile * 0.03 / Double(one).squareRoot() < 0.01)
    #expect(plan.rounds(for: 0.0001, spread: 0.03) == nil)
  }
}
