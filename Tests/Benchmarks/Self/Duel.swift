import BenchmarkStatistics
import Glibc
import KernelIO
import Scaling

/// Pairs of server and load, held against each other round by round.
///
/// A round is short and goes through all pairs forth and back (A B C C B A), so that what drifts
/// through it falls on all alike; estimates are medians over the rounds, which one that another
/// program spoilt moves little.
struct Duel {
  let rounds: Int
  let seconds: Double

  private struct Pair {
    var name: String
    var server: Maker
    var load: Maker
  }

  /// Of the two runs of one round together.
  private struct Round {
    var rate = 0.0
    /// µs a transaction of the process.
    var server = Cost()
    var load = Cost()
    /// Clock ticks that the server's user mode was seen at, over transactions.
    var serverTicks: Interval.Rate = (0, 0)

    static func + (left: Round, right: Round) -> Round {
      Round(
        rate: left.rate + right.rate, server: left.server + right.server,
        load: left.load + right.load,
        serverTicks: (
          left.serverTicks.events + right.serverTicks.events,
          left.serverTicks.over + right.serverTicks.over
        ))
    }
  }

  private enum Names {
    static let server = "rxtune's server, C's load"
    static let load = "C's server, rxtune's load"
    static let http = "rxtune's server, HTTP's sizes, rxtune's load"
    static let wrk = "rxtune's server, HTTP, wrk's load"
  }

  /// The directory of a program on the PATH.
  static func find(_ program: String) -> String? {
    guard let path = unsafe getenv("PATH").map({ unsafe String(cString: $0) }) else { return nil }
    return path.split(separator: ":").map(String.init).first {
      unsafe access($0 + "/" + program, X_OK) == 0
    }
  }

  /// false where a goal is missed beyond doubt.
  func run(_ workload: Workload, _ ours: Maker, _ reference: Maker) throws -> Bool {
    var pairs = [Pair(name: "rxtune", server: ours, load: ours)]
    if workload.isStream {
      pairs += [
        Pair(name: "C", server: reference, load: reference),
        Pair(name: Names.server, server: ours, load: reference),
        Pair(name: Names.load, server: reference, load: ours),
      ]
    }
    if let directory = Self.find(Maker.neperProgram(workload)) {
      let neper = Maker.neper(directory)
      pairs.append(Pair(name: "neper", server: neper, load: neper))
    } else {
      print(
        "\(workload.rawValue): \(Maker.neperProgram(workload)) is not on the PATH, not measured")
    }
    if case .rxtune(let path, _, _, _) = ours, workload == .rr {
      if let directory = Self.find("wrk") {
        let http = try Maker.http(path)
        pairs += [
          Pair(name: Names.http, server: http.own, load: http.own),
          Pair(name: Names.wrk, server: http.forWrk, load: .wrk(directory)),
        ]
      } else {
        print("\(workload.rawValue): wrk is not on the PATH, not measured")
      }
    }
    guard pairs.count > 1 else {
      print("\(workload.rawValue): nothing to compare with\n")
      return true
    }
    var results: [[Round]] = Array(repeating: [], count: pairs.count)
    var port = 20_000 + Int(getpid()) % 10_000
    for round in 0..<rounds {
      var sums = Array(repeating: Round(), count: pairs.count)
      // Each round begins with another pair.
      let order = pairs.indices.map { ($0 + round) % pairs.count }
      for index in order + order.reversed() {
        // Two ports, and always of five digits: the size of an HTTP request must not change.
        port = port < 60_000 ? port + 2 : 20_000
        do {
          sums[index] = try sums[index] + measure(pairs[index], workload, port)
        } catch { throw Broken("\(workload.rawValue), \(pairs[index].name): \(error)") }
      }
      for index in pairs.indices { results[index].append(sums[index]) }
    }
    print(
      "\(workload.rawValue), \(Maker.connections) connections, \(rounds) rounds of twice "
        + "\(seconds) s:")
    for (pair, rounds) in zip(pairs, results) {
      print(
        "  \(pair.name): median \(Format.rate(Self.median(rounds.map { $0.rate / 2 })))/s, µs a "
          + "transaction (user + system) \(Self.text(rounds.map(\.server))) server, "
          + "\(Self.text(rounds.map(\.load))) load")
    }
    let isMet = report(pairs.map(\.name), results)
    print("")
    return isMet
  }

  static func median(_ values: [Double]) -> Double {
    values.sorted()[values.count / 2]
  }

  static func text(_ costs: [Cost]) -> String {
    "\(Format.fixed(median(costs.map { $0.user / 2 }), 2)) + "
      + "\(Format.fixed(median(costs.map { $0.system / 2 }), 2))"
  }

  private func measure(_ pair: Pair, _ workload: Workload, _ port: Int) throws -> Round {
    let server = try Program(
      pair.server.server(workload, port: port, seconds: seconds), cpu: 0)
    try Self.waitForListener(
      pair.server.firstPort(port), isStream: pair.server.listensTCP(workload))
    let load = try Program(pair.load.load(workload, port: port, seconds: seconds), cpu: 1).finish()
    if pair.server.isStopped { server.signal(SIGTERM) }
    let serving = server.finish()
    let loaded = try pair.load.loaded(load)
    guard loaded.transactions > 0 else { throw Broken("no transaction: \(load.output)") }
    let served = try pair.server.served(serving, transactions: loaded.transactions)
    return Round(
      rate: loaded.rate, server: served.cost, load: loaded.cost,
      serverTicks: (
        served.cost.user * served.transactions / 1e6 / Self.tick, served.transactions
      ))
  }

  /// Seconds between two looks of the kernel at who runs (1/CONFIG_HZ).
  private static let tick: Double = {
    var time = timespec()
    guard unsafe clock_getres(CLOCK_MONOTONIC_COARSE, &time) == 0 else { return 0.01 }
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }()

  /// Until somebody listens on the port, which on a busy machine takes its time.
  static func waitForListener(_ port: Int, isStream: Bool) throws {
    let hex = String(port, radix: 16, uppercase: true)
    let ending = ":" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
    let (files, state) = isStream ? (["tcp", "tcp6"], "0A") : (["udp", "udp6"], "07")
    for _ in 0..<3000 {
      for file in files {
        let text = String(decoding: try LocalFile.read("/proc/net/\(file)"), as: UTF8.self)
        // sl, local_address, rem_address, st
        for line in text.split(separator: "\n") {
          let words = line.split(separator: " ")
          if words.count > 3, words[1].hasSuffix(ending), words[3] == state { return }
        }
      }
      usleep(10_000)
    }
    throw Broken("nobody listens on port \(port)")
  }

  private func report(_ names: [String], _ results: [[Round]]) -> Bool {
    var isMet = true
    func rounds(_ name: String) -> [Round] {
      names.firstIndex(of: name).map { results[$0] } ?? []
    }
    func tell(_ title: String, _ ratio: Interval?, _ note: String = "", goal: Goal?) {
      guard let ratio else {
        print("  \(title): cannot be told\(note)")
        isMet = isMet && goal == nil
        return
      }
      var verdict = ""
      if let goal {
        let outcome = goal.outcome(ratio)
        isMet = isMet && outcome != .missed
        verdict = "  (goal \(goal.words): \(outcome.rawValue))"
      }
      print("  \(title): \(Self.text(ratio))\(note)\(verdict)")
    }
    /// Nothing where one of both was not measured.
    func compare(
      _ title: String, _ mine: String, _ theirs: String, _ value: (Round) -> Double,
      goal: Goal? = nil
    ) {
      let pairs = zip(rounds(mine), rounds(theirs)).map { (value($0), value($1)) }
      if !pairs.isEmpty { tell(title, Interval.pairedMedianRatio(pairs), goal: goal) }
    }
    func ticks(_ name: String) -> String {
      Format.fixed(rounds(name).reduce(0) { $0 + $1.serverTicks.events }, 0)
    }
    compare("server, throughput to C's", Names.server, "C", \.rate, goal: .likeC)
    compare("load, throughput to C's", Names.load, "C", \.rate, goal: .likeC)
    compare("both, throughput to C's", "rxtune", "C", \.rate, goal: .likeC)
    compare("server, CPU a transaction to C's", Names.server, "C", \.server.total)
    compare("load, CPU a transaction to C's", Names.load, "C", \.load.total)
    let servers = zip(rounds(Names.server), rounds("C")).map { ($0.serverTicks, $1.serverTicks) }
    if !servers.isEmpty {
      // So few ticks a round that only the sum of all says anything.
      tell(
        "server, user CPU to C's", Interval.ratioOfSums(servers),
        ", seen at \(ticks(Names.server)) and \(ticks("C")) clock ticks", goal: .most(1.2))
    }
    compare("both, throughput to neper's", "rxtune", "neper", \.rate, goal: .least(1))
    compare("load, throughput to wrk's", Names.http, Names.wrk, \.rate, goal: .least(1))
    compare("load, CPU a transaction to wrk's", Names.http, Names.wrk, \.load.total)
    return isMet
  }

  /// "0.997× [0.985–1.009]": a hundredth is what it is about.
  static func text(_ interval: Interval) -> String {
    "\(Format.fixed(interval.estimate, 3))× "
      + "[\(Format.fixed(interval.low, 3))–\(Format.fixed(interval.high, 3))]"
  }
}
