import Glibc
import Scaling

/// Pairs of server and load, run in turn in random order, held against each other round by round.
struct Duel {
  let rounds: Int
  let seconds: Double

  private struct Pair {
    var name: String
    var server: Maker
    var load: Maker
  }

  private struct Run {
    var rate: Double
    /// µs a transaction.
    var serverUser: Double
    var loadUser: Double
  }

  /// The directory of neper's programs on the PATH.
  static func findNeper(_ workload: Workload) -> String? {
    let program = workload == .crr ? "tcp_crr" : workload == .rr ? "tcp_rr" : "udp_rr"
    guard let path = unsafe getenv("PATH").map({ unsafe String(cString: $0) }) else { return nil }
    return path.split(separator: ":").map(String.init).first {
      unsafe access($0 + "/" + program, X_OK) == 0
    }
  }

  /// false where a goal is missed beyond doubt.
  func run(_ workload: Workload, _ ours: Maker, _ reference: Maker, neper: String?) throws -> Bool {
    var pairs = [Pair(name: "rxtune", server: ours, load: ours)]
    if workload.isStream {
      pairs += [
        Pair(name: "C", server: reference, load: reference),
        Pair(name: "rxtune's server, C's load", server: ours, load: reference),
        Pair(name: "C's server, rxtune's load", server: reference, load: ours),
      ]
    }
    if let neper { pairs.append(Pair(name: "neper", server: .neper(neper), load: .neper(neper))) }
    guard pairs.count > 1 else {
      print("\(workload.rawValue): neper is not on the PATH, nothing to compare with\n")
      return true
    }
    var results: [[Run]] = Array(repeating: [], count: pairs.count)
    var generator = SplitMix(1)
    var port = 20_000 + Int(getpid()) % 10_000
    for _ in 0..<rounds {
      for index in pairs.indices.shuffled(using: &generator) {
        port += 2
        results[index].append(try measure(pairs[index], workload, port))
      }
    }
    print(
      "\(workload.rawValue), \(Maker.connections) connections, \(rounds) rounds of \(seconds) s:")
    for (pair, runs) in zip(pairs, results) {
      let rates = runs.map(\.rate).sorted()
      print(
        "  \(pair.name): median \(Format.rate(rates[rates.count / 2]))/s, user "
          + "\(Self.mean(runs.map(\.serverUser))) µs server, "
          + "\(Self.mean(runs.map(\.loadUser))) µs load")
    }
    let isMet = report(pairs.map(\.name), results)
    print("")
    return isMet
  }

  private static func mean(_ values: [Double]) -> String {
    Format.fixed(values.reduce(0, +) / Double(max(1, values.count)), 2)
  }

  private func measure(_ pair: Pair, _ workload: Workload, _ port: Int) throws -> Run {
    let server = try Program(
      pair.server.server(workload, port: port, seconds: seconds), cpu: 0)
    usleep(150_000)
    let load = try Program(pair.load.load(workload, port: port, seconds: seconds), cpu: 1).finish()
    let serving = server.finish()
    guard load.succeeded, let reading = pair.load.reading(load.output), reading.transactions > 0
    else { throw Broken("\(pair.name), \(workload.rawValue): \(load.output)") }
    return Run(
      rate: reading.rate,
      serverUser: pair.server.serverUser(serving, transactions: reading.transactions),
      loadUser: load.user * 1e6 / reading.transactions)
  }

  private func report(_ names: [String], _ results: [[Run]]) -> Bool {
    var isMet = true
    func runs(_ name: String) -> [Run] {
      names.firstIndex(of: name).map { results[$0] } ?? []
    }
    /// A ratio, and whether its goal may be met.
    func ratio(
      _ title: String, _ mine: [Run], _ theirs: [Run], _ value: (Run) -> Double,
      goal: (words: String, test: (Interval) -> Bool)
    ) {
      guard let ratio = Interval.pairedRatio(zip(mine, theirs).map { (value($0), value($1)) })
      else { return }
      let met = goal.test(ratio)
      isMet = isMet && met
      print("  \(title): \(Comparison.text(ratio))  (goal \(goal.words)\(met ? "" : ": MISSED"))")
    }
    let plain = runs("C")
    let server = runs("rxtune's server, C's load")
    let load = runs("C's server, rxtune's load")
    let atLeast98 = ("≥ 0.98", { (ratio: Interval) in ratio.high >= 0.98 })
    ratio("server, throughput to C's", server, plain, \.rate, goal: atLeast98)
    ratio("load, throughput to C's", load, plain, \.rate, goal: atLeast98)
    ratio("both, throughput to C's", runs("rxtune"), plain, \.rate, goal: atLeast98)
    ratio(
      "server, user CPU to C's", server, plain, \.serverUser, goal: ("≤ 1.20", { $0.low <= 1.2 }))
    ratio(
      "both, throughput to neper's", runs("rxtune"), runs("neper"), \.rate,
      goal: ("≥ 1.00", { $0.high >= 1 }))
    return isMet
  }
}
