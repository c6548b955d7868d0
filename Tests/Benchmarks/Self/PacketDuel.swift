import BenchmarkStatistics
import Glibc
import Scaling
import TestSupport

/// Servers past the kernel's stack against the same loop in C, the kernel's sockets, and what XDP itself
/// delivers, in turn: server on CPU 0 at one end of a veth, load on CPU 1 at the other.
///
/// Each CPU does all that the packets need that it sends, up to the other end's socket: no RPS hands
/// them over, which on a virtual machine costs an interrupt to the other CPU for each burst.
struct PacketDuel {
  let rounds: Int
  let seconds: Double
  let rxtune: String
  let reference: String

  /// Both end with this; nobody else names theirs so.
  private static let namespaces = (server: "rxtune-bench-0", load: "rxtune-bench-1")
  private static let address = "198.18.0.1"
  private static let port = 7070

  /// Who serves.
  private struct Contestant: Hashable {
    var name: String
    /// Of `rxtune bench serve`; empty for the loop in C.
    var options: [String]
    /// Of the loop in C.
    var job = ""

    static func backend(_ name: String) -> Self {
      Contestant(name: name, options: ["--backend", name, "v0"])
    }
    static func mode(_ name: String) -> Self {
      Contestant(name: name, options: ["--mode", name, "--host", address])
    }
    /// AF_XDP by the loop in C.
    static func plainC(_ workload: Workload) -> Self {
      Contestant(name: "C", options: [], job: workload.rawValue)
    }
    /// The same program drops the packets.
    static let ceiling = Contestant(name: "XDP_DROP", options: [], job: "drop")
  }

  /// How `first` is to do beside `second`.
  private struct Ratio {
    var first: String
    var second: String
    var goal: Goal?
    var isOfCPU = false
  }

  /// Contestants for a workload in one set-up.
  private struct Contest {
    var title: String
    var workload: Workload
    /// A thread on the server's CPU receives, and not who sends.
    var hasThread = false
    var contestants: [Contestant]
    var ratios: [Ratio]
  }

  private static let afXDP = "af-xdp"

  private static func contests(hasDPDK: Bool) -> [Contest] {
    let kernel = SweepPlan.Bypass.baseline.name
    let others = ["recvmmsg", "packet-mmap"]
    let flood: [Contestant] =
      [.backend(afXDP), .plainC(.receive), .ceiling] + others.map(Contestant.backend)
    let dpdk: [Contestant] = hasDPDK ? [.backend("dpdk-af-xdp")] : []
    return [
      Contest(
        title: "receive, by NAPI on the sender's CPU", workload: .receive, contestants: flood,
        ratios: [
          Ratio(first: afXDP, second: "C", goal: .likeC),
          Ratio(first: afXDP, second: "C", isOfCPU: true),
          Ratio(first: afXDP, second: "XDP_DROP"),
        ] + others.map { Ratio(first: afXDP, second: $0) }),
      Contest(
        title: "receive, by a NAPI thread on the server's CPU", workload: .receive,
        hasThread: true, contestants: flood,
        ratios: [
          Ratio(first: afXDP, second: "XDP_DROP", goal: .least(0.95)),
          Ratio(first: afXDP, second: "C", goal: .likeC),
        ] + others.map { Ratio(first: afXDP, second: $0) }),
      Contest(
        title: "udp-rr", workload: .udpRR,
        contestants: [
          .backend(afXDP), .plainC(.udpRR), .mode(kernel),
        ] + others.map(Contestant.backend),
        ratios: [
          Ratio(first: afXDP, second: "C", goal: .likeC),
          Ratio(first: afXDP, second: "C", isOfCPU: true),
        ] + ([afXDP] + others).map { Ratio(first: $0, second: kernel) }),
      Contest(
        title: "crr", workload: .crr,
        contestants: [
          .mode(kernel), .mode("uring"), .backend("lwip-packet-mmap"), .backend("lwip"),
        ] + dpdk,
        ratios: [
          Ratio(first: "uring", second: kernel),
          Ratio(first: "lwip-packet-mmap", second: kernel),
          Ratio(first: "lwip", second: kernel, goal: .least(2)),
        ] + dpdk.map { Ratio(first: $0.name, second: kernel, goal: .least(2.2)) }),
    ]
  }

  /// Of one run: requests answered or packets counted, and the server's CPU for each.
  private struct Round {
    var count = 0.0
    var cost = Cost()
    static func + (left: Round, right: Round) -> Round {
      Round(count: left.count + right.count, cost: left.cost + right.cost)
    }
  }

  /// false where a goal is missed beyond doubt.
  func run() throws -> Bool {
    let (server, load) = Self.namespaces
    let folder = rxtune.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let hasDPDK = unsafe access(folder.joined(separator: "/") + "/rxtune-dpdk", X_OK) == 0
    if !hasDPDK { print("libdpdk-dev is not installed: DPDK is not measured\n") }
    try Shell.run("ip netns add \(server) && ip netns add \(load)")
    defer { _ = try? Shell.run("ip netns del \(server); ip netns del \(load)") }
    var isMet = true
    for contest in Self.contests(hasDPDK: hasDPDK) {
      isMet = try run(contest) && isMet
      fflush(nil)
    }
    return isMet
  }

  private func run(_ contest: Contest) throws -> Bool {
    var results: [[Round]] = Array(repeating: [], count: contest.contestants.count)
    for round in 0..<rounds {
      var sums = Array(repeating: Round(), count: results.count)
      // Forth and back, and each round begins with another one.
      let order = sums.indices.map { ($0 + round) % sums.count }
      for index in order + order.reversed() {
        let contestant = contest.contestants[index]
        do { sums[index] = try sums[index] + measure(contestant, contest) } catch {
          throw Broken("\(contest.title), \(contestant.name): \(error)")
        }
      }
      for index in results.indices { results[index].append(sums[index]) }
    }
    print("\(contest.title), \(rounds) rounds of twice \(seconds) s:")
    for (contestant, rounds) in zip(contest.contestants, results) {
      let rate = Duel.median(rounds.map { $0.count / 2 / seconds })
      print(
        "  \(contestant.name): median \(Format.rate(rate))/s, µs of the server's CPU each "
          + "(user + system) \(Duel.text(rounds.map(\.cost)))")
    }
    var isMet = true
    for ratio in contest.ratios {
      func values(_ name: String) -> [Double] {
        contest.contestants.firstIndex { $0.name == name }.map { results[$0] }.map { rounds in
          rounds.map { ratio.isOfCPU ? $0.cost.total : $0.count }
        } ?? []
      }
      let title =
        "\(ratio.first), \(ratio.isOfCPU ? "CPU each" : "throughput") to \(ratio.second)'s"
      let pairs = Array(zip(values(ratio.first), values(ratio.second)))
      guard let interval = Interval.pairedMedianRatio(pairs) else {
        print("  \(title): cannot be told")
        isMet = isMet && ratio.goal == nil
        continue
      }
      let outcome = ratio.goal?.outcome(interval)
      isMet = isMet && outcome != .missed
      let verdict = ratio.goal.map { "  (goal \($0.words): \($0.outcome(interval).rawValue))" }
      print("  \(title): \(Duel.text(interval))\(verdict ?? "")")
    }
    print("")
    return isMet
  }

  // MARK: One run

  private static let inside = ["ip", "netns", "exec"]

  /// On a veth of its own: a queue that another program had is free a while after its end.
  private func measure(_ contestant: Contestant, _ contest: Contest) throws -> Round {
    try Self.makeLink(hasThread: contest.hasThread)
    defer { _ = try? Shell.run("ip -n \(Self.namespaces.server) link del v0") }
    let isC = contestant.options.isEmpty
    let words =
      isC
      ? [
        reference, "v0", Self.address, "\(Self.port)", contestant.job, "0", "\(Int(seconds) + 10)",
      ]
      : [rxtune, "bench", "serve"] + contestant.options + [
        "--workload", contest.workload.rawValue, "--port", "\(Self.port)", "--cpus", "0", "--json",
      ]
    let server = try Program(Self.inside + [Self.namespaces.server] + words, cpu: 0)
    try Self.wait(for: contestant)
    let load = try Program(
      Self.inside + [
        Self.namespaces.load, rxtune, "bench", "load", "\(Self.address):\(Self.port)",
        "--workload", contest.workload.rawValue, "--cpus", "1", "--warm-up", "0", "--duration",
        "\(seconds)", "--connections", "\(Maker.connections)", "--json",
      ], cpu: 1
    ).finish()
    server.signal(SIGTERM)
    let ending = server.finish()
    guard load.succeeded else { throw Broken(load.output) }
    let maker: Maker = isC ? .reference(reference) : .rxtune(rxtune)
    let work = try maker.served(ending, transactions: 0)
    return Round(count: work.transactions, cost: work.cost)
  }

  private static func makeLink(hasThread: Bool) throws {
    let (server, load) = namespaces
    // Whoever answers ARP, the load needs none of it.
    try Shell.run(
      """
      ip -n \(server) link add v0 address 02:00:00:00:00:01 type veth peer name v1 netns \(load)
      ip -n \(server) addr add \(address)/24 dev v0 && ip -n \(server) link set v0 up
      ip -n \(load) addr add 198.18.0.2/24 dev v1 && ip -n \(load) link set v1 up
      ip -n \(load) neigh replace \(address) lladdr 02:00:00:00:00:01 dev v1
      """)
    guard hasThread else { return }
    // GRO has the veth a NAPI instance before any program comes.
    try Shell.run(
      """
      ip netns exec \(server) ethtool -K v0 gro on
      ip netns exec \(server) sh -c 'echo 1 > /sys/class/net/v0/threaded'
      for thread in $(pgrep '^napi/v0-'); do taskset -pc 0 $thread; done
      """)
  }

  /// Until it takes packets.
  private static func wait(for contestant: Contestant) throws {
    let isXDP =
      contestant.options.isEmpty
      || ["af-xdp", "lwip", "dpdk-af-xdp"].contains { contestant.options.contains($0) }
    let look =
      isXDP
      ? "ip -n \(namespaces.server) -d link show v0 | grep -q prog/xdp"
      : "ip netns exec \(namespaces.server) ss -Hantul 'sport = :\(port)' | grep -q ."
    for _ in 0..<1000 {
      if try Shell.result(look).status == 0 { return }
      usleep(10_000)
    }
    throw Broken("it takes no packets")
  }
}
