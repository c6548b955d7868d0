import BenchmarkStatistics
import Glibc
import Scaling
import TestSupport

/// rxtune's AF_XDP server against the same loop in C, in turn: server on CPU 0 at one end of a veth,
/// load on CPU 1 at the other, in namespaces of their own.
struct PacketDuel {
  let rounds: Int
  let seconds: Double

  private static let namespaces = (server: "rxtune-bench-0", load: "rxtune-bench-1")
  private static let address = "198.18.0.1"
  private static let port = 7070

  /// Of one run: requests answered or packets counted, and the server's CPU for each.
  private struct Round {
    var count = 0.0
    var cost = Cost()
    static func + (left: Round, right: Round) -> Round {
      Round(count: left.count + right.count, cost: left.cost + right.cost)
    }
  }

  /// false where a goal is missed beyond doubt.
  func run(_ rxtune: String, _ reference: String) throws -> Bool {
    let (server, load) = Self.namespaces
    try Shell.run(
      """
      ip netns add \(server) && ip netns add \(load)
      ip -n \(server) link add v0 type veth peer name v1 netns \(load)
      ip -n \(server) addr add \(Self.address)/24 dev v0 && ip -n \(server) link set v0 up
      ip -n \(load) addr add 198.18.0.2/24 dev v1 && ip -n \(load) link set v1 up
      """)
    defer { _ = try? Shell.run("ip netns del \(server); ip netns del \(load)") }
    var isMet = true
    for workload in [Workload.receive, .udpRR] {
      var ours: [Round] = []
      var theirs: [Round] = []
      for round in 0..<rounds {
        var sums = [Round(), Round()]
        // Forth and back, and each round begins with the other one.
        let order = round % 2 == 0 ? [0, 1, 1, 0] : [1, 0, 0, 1]
        for index in order {
          sums[index] = try sums[index] + measure(workload, rxtune, index == 1 ? reference : nil)
        }
        ours.append(sums[0])
        theirs.append(sums[1])
      }
      print("\(workload.rawValue) by AF_XDP, \(rounds) rounds of twice \(seconds) s:")
      for (name, rounds) in [("rxtune", ours), ("C", theirs)] {
        let rate = Duel.median(rounds.map { $0.count / 2 / seconds })
        print(
          "  \(name): median \(Format.rate(rate))/s, µs of the server's CPU each (user + system) "
            + Duel.text(rounds.map(\.cost)))
      }
      for (title, value, goal) in [
        ("throughput to C's", { $0.count }, Goal.likeC),
        ("CPU each to C's", { $0.cost.total }, nil),
      ] as [(String, (Round) -> Double, Goal?)] {
        let pairs = zip(ours, theirs).map { (value($0), value($1)) }
        guard let ratio = Interval.pairedMedianRatio(pairs) else {
          print("  \(title): cannot be told")
          continue
        }
        let outcome = goal?.outcome(ratio)
        isMet = isMet && outcome != .missed
        let verdict = goal.map { "  (goal \($0.words): \($0.outcome(ratio).rawValue))" } ?? ""
        print("  \(title): \(Duel.text(ratio))\(verdict)")
      }
      print("")
      fflush(nil)
    }
    return isMet
  }

  /// - Parameter reference: nil for rxtune's own.
  private func measure(
    _ workload: Workload, _ rxtune: String, _ reference: String?
  ) throws -> Round {
    let inside = ["ip", "netns", "exec"]
    let words =
      reference.map {
        [$0, "v0", Self.address, "\(Self.port)", workload.rawValue, "0", "\(Int(seconds) + 10)"]
      } ?? [
        rxtune, "bench", "serve", "--backend", "af-xdp", "v0", "--workload", workload.rawValue,
        "--port", "\(Self.port)", "--cpus", "0", "--json",
      ]
    let server = try Program(inside + [Self.namespaces.server] + words, cpu: 0)
    try Self.waitForProgram()
    let load = try Program(
      inside + [
        Self.namespaces.load, rxtune, "bench", "load", "\(Self.address):\(Self.port)",
        "--workload", workload.rawValue, "--cpus", "1", "--warm-up", "0", "--duration",
        "\(seconds)", "--json",
      ], cpu: 1
    ).finish()
    server.signal(SIGTERM)
    let ending = server.finish()
    guard load.succeeded else { throw Broken(load.output) }
    let maker = reference.map { Maker.reference($0) } ?? .rxtune(rxtune)
    let work = try maker.served(ending, transactions: 0)
    return Round(count: work.transactions, cost: work.cost)
  }

  /// Until an XDP program is at the device.
  private static func waitForProgram() throws {
    for _ in 0..<1000 {
      let link = try Shell.run("ip -n \(namespaces.server) -d link show v0")
      if link.contains("prog/xdp") { return }
      usleep(10_000)
    }
    throw Broken("no XDP program was attached")
  }
}
