import Glibc
import KernelIO
import TestSupport
import Testing

@testable import Rendering
@testable import Scaling

/// `rxtune bench bypass`: its runs, and what is said of them.
@Suite("Bypass", .serialized) struct BypassTests {
  private static let fixtures =
    #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/Fixtures"

  // MARK: Real runs

  private static let canRun = Tool.path != nil && NetworkNamespace.isAvailable

  private func run(_ arguments: [String]) throws -> (ending: Tool.Ending, results: Results) {
    let directory = "/tmp/rxtune-bypass-test-\(getpid())-\(MonotonicClock.now())"
    defer { _ = try? Shell.run("rm -rf \(directory)") }
    let ending = try Tool.run(
      [
        Tool.path ?? "", "bench", "bypass", "--duration", "0.2", "--warm-up", "0.05", "--out",
        directory,
      ] + arguments)
    #expect(ending.exitCode == 0, "\(ending.output)")
    return (ending, try ResultsFile.read(directory))
  }

  @Test(
    .enabled(if: canRun, "namespaces need root"),
    arguments: [
      // A veth refuses to do without a copy.
      (
        PacketWait.poll, ListenerMode.packets.filter { $0.serves(.receive) },
        "--xdp zero-copy --fall-back", XDPAttach.native, 1
      ),
      (.busy, [afXDP], "--xdp generic --queues 2", .generic, 2),
    ])
  func backendsAreMeasuredBesideTheKernel(
    wait: PacketWait, backends: [ListenerMode], options: String, attach: XDPAttach, queues: Int
  ) throws {
    let (ending, results) = try run(
      options.split(separator: " ").map(String.init) + [
        "--workload", "udp-rr", "--\(wait.rawValue)", "--repeat", "3", "--max-repeat", "3",
        "--backends", (backends + [.uring]).map(\.name).joined(separator: ","),
      ])
    let modes = [ListenerMode.reuseport] + backends
    #expect(results.runs.count == 3 * modes.count, "\(ending.output)")
    #expect(Set(results.runs.map(\.mode)) == Set(modes))
    for run in results.runs {
      #expect(run.load.counts.transactions > 0 && run.load.counts.corrupted == 0)
      #expect(run.facts?.backend == run.mode.backend?.name)
      #expect(run.facts.map { $0.wait == wait } ?? (run.mode == .reuseport))
      #expect(!run.warnings.contains { $0.code == .countsDiffer }, "\(run.mode.name)")
    }
    let xdp = try #require(results.runs.first { $0.mode.name == "af-xdp" }?.facts)
    #expect(xdp.attach == attach && xdp.queues == Array(0..<queues))
    #expect(xdp.refusals.isEmpty != options.contains("--fall-back"), "\(xdp.refusals)")
    // Counted in runs of their own: a request and a response, whoever serves.
    #expect(results.counts.count == modes.count, "\(ending.output)")
    for record in results.counts {
      let packets = try #require(record.counts.each(record.counts.packets))
      #expect((1.9...2.2).contains(packets), "\(record.mode.name)")
    }
    #expect(ending.output.contains("Not measured on udp-rr: uring (serves crr, rr only)."))
    #expect(ending.output.contains("The price of af-xdp: "))
    #expect(ending.output.contains("it polls, and kept its CPUs") == (wait == .busy))
  }

  /// Slowly enough for each of them.
  @Test(.enabled(if: canRun, "namespaces need root"))
  func whatIsSentOneWayArrives() throws {
    let (ending, results) = try run([
      "--workload", "receive", "--rate", "1000", "--repeat", "1", "--max-repeat", "1",
    ])
    let modes = ListenerMode.bypass.filter { $0.serves(.receive) }
    #expect(Set(results.runs.map(\.mode)) == Set(modes), "\(ending.output)")
    for run in results.runs {
      #expect(run.server.total.total.transactions == run.load.counts.transactions)
      #expect(run.derived.loss == 0 && run.load.latency == nil)
      #expect(run.derived.offered == run.load.rate)
    }
  }

  /// TCP: the kernel's rows, and packets a connection.
  @Test(.enabled(if: canRun, "namespaces need root"))
  func theKernelsOwnRowsServeConnections() throws {
    let (ending, results) = try run([
      "--backends", "reuseport-fin,af-xdp", "--repeat", "1", "--max-repeat", "1",
    ])
    #expect(Set(results.runs.map(\.mode)) == [.reuseport, .reuseportFIN], "\(ending.output)")
    for (mode, packets) in [(ListenerMode.reuseport, 9.0), (.reuseportFIN, 6.0)] {
      let counts = try #require(results.counts.first { $0.mode == mode }?.counts)
      #expect(abs((counts.each(counts.packets) ?? 0) - packets) < 0.5)
    }
    #expect(ending.output.contains("Not measured on crr: af-xdp (serves udp-rr"))
  }

  @Test(.enabled(if: Tool.path != nil, "rxtune is not built beside"))
  func whatItNeedsIsSaid() throws {
    let tool = try #require(Tool.path)
    let command = [tool, "bench", "bypass"]
    let ending = try Tool.run(
      geteuid() == 0
        ? ["setpriv", "--reuid", "65534", "--clear-groups"] + command : command)
    #expect(ending.exitCode == 1)
    #expect(ending.output.contains("bench bypass needs root: "), "\(ending.output)")
  }

  @Test(
    .enabled(if: Tool.path != nil, "rxtune is not built beside"),
    arguments: [
      ["--backends", "dpdk-of-tomorrow"], ["--backends", ","], ["--poll", "--busy"],
      ["--workers", "2"], ["--no-netns"], ["--rate", "x"],
    ])
  func wrongUsageIsRefused(arguments: [String]) throws {
    let ending = try Tool.run([Tool.path ?? "", "bench", "bypass"] + arguments)
    #expect(ending.exitCode == 64, "\(ending.output)")
  }

  // MARK: The verdict

  private struct Figures {
    var mode: ListenerMode
    /// Of the baseline's.
    var rate = 1.0
    var latency = 1.0
    var cpu = 1.0
    var wait = PacketWait.poll
  }

  private static let afXDP = ListenerMode.named("af-xdp") ?? .reuseport
  private static let packetMMap = ListenerMode.named("packet-mmap") ?? .reuseport

  /// Rounds that drift, in which backends keep the same distance from the baseline.
  private func results(
    _ rows: [Figures], workload: Workload = .udpRR, rounds: Int = 5, rate: Double? = nil,
    leftOut: [ListenerMode] = []
  ) throws -> Results {
    var results = try ResultsFile.read(Self.fixtures + "/results.jsonl")
    let model = try #require(results.runs.first)
    results.session?.plan.bypass = SweepPlan.Bypass(leftOut: leftOut)
    results.session?.plan.exchange = Exchange(workload)
    results.session?.plan.rate = rate
    results.warnings = []
    results.locks = []
    results.runs = (1...rounds).flatMap { round in
      ([Figures(mode: .reuseport)] + rows).map { row in
        var run = model
        run.mode = row.mode
        run.workers = 1
        run.round = round
        run.warnings = []
        run.derived.rate = (rate ?? 10_000 * Double(round)) * (rate == nil ? row.rate : 1)
        run.load.latency?.p50 = UInt64(1_000_000 * row.latency)
        run.load.latency?.p99 = UInt64(2_000_000 * row.latency)
        run.derived.host = .init(user: 0, system: 10 * row.cpu, softirq: 10 * row.cpu, steal: 0)
        run.derived.serverIdle = 0.25
        run.facts = row.mode.backend.map { backend in
          BackendFacts(
            backend: backend.name, device: "v0", address: "198.18.0.1", port: 1, wait: row.wait,
            threads: 1, queues: backend.isPerQueue ? [0] : [],
            attach: backend.isPerQueue ? .native : nil, refusals: [])
        }
        return run
      }
    }
    return results
  }

  private func sentences(_ results: Results) -> [String] {
    BypassText.sentences(BypassVerdict(results))
  }

  @Test func whatIsBetterInAllBeats() throws {
    let said = sentences(
      try results([Figures(mode: Self.afXDP, rate: 1.5, latency: 0.5, cpu: 0.8)]))
    #expect(
      said == [
        "af-xdp beats reuseport on udp-rr: throughput 1.50× [1.50–1.50], p50 latency 0.50× "
          + "[0.50–0.50], p99 latency 0.50× [0.50–0.50], CPU time per transaction of both ends 0.80× "
          + "[0.80–0.80]; 5 pairs.",
        "The price of af-xdp: its packets pass no firewall, no tcpdump and no counter of the kernel's "
          + "stack; it needs root, an XDP program on the device and a socket on every queue.",
      ])
  }

  /// Latency for a burnt core, at a load that both serve: throughput says nothing then.
  @Test func aBusyPollerTrades() throws {
    let said = sentences(
      try results(
        [Figures(mode: Self.afXDP, latency: 0.5, cpu: 1.5, wait: .busy)], rate: 40_000))
    #expect(
      said.first
        == "af-xdp trades against reuseport on udp-rr: it gains p50 latency 0.50× [0.50–0.50], p99 "
        + "latency 0.50× [0.50–0.50], and loses CPU time per transaction of both ends 1.50× "
        + "[1.50–1.50]; 5 pairs.")
    #expect(
      said.last?.hasPrefix(
        "The price of af-xdp: it polls, and kept its CPUs 75 % busy at whatever load; ") == true)
  }

  @Test func whatMayBeChanceIsSaidToBe() throws {
    var results = try results([Figures(mode: Self.afXDP, latency: 0.5)])
    for index in results.runs.indices where results.runs[index].round.isMultiple(of: 2) {
      results.runs[index].derived.rate *= results.runs[index].mode == Self.afXDP ? 1.5 : 1
    }
    let said = try #require(sentences(results).first)
    #expect(said.hasPrefix("af-xdp beats reuseport on udp-rr: p50 latency 0.50× [0.50–0.50], p99"))
    #expect(said.contains("; throughput 1.18× ["))
    #expect(said.hasSuffix("] may be chance; 5 pairs."))
  }

  @Test func theKernelWinsWhereNothingGains() throws {
    let said = sentences(
      try results([
        Figures(mode: Self.packetMMap, rate: 0.5, latency: 2, cpu: 2), Figures(mode: .uring),
      ]))
    #expect(said.count == 4)
    #expect(
      said[0].hasPrefix("uring gains nothing over reuseport on udp-rr: throughput 1.00× ["))
    #expect(said[1].hasPrefix("reuseport beats packet-mmap on udp-rr: throughput 0.50× ["))
    #expect(
      said[2]
        == "The price of packet-mmap: the kernel's stack still handles a copy of each packet.")
    #expect(
      said[3]
        == "The kernel's sockets win udp-rr here: nothing measured gains over reuseport.")
  }

  /// An interval that reaches from a loss to a gain says neither.
  @Test func whatCannotBeToldIsNoVictoryOfTheKernel() throws {
    var results = try results([Figures(mode: Self.packetMMap)])
    for index in results.runs.indices where results.runs[index].mode == Self.packetMMap {
      let isEven = results.runs[index].round.isMultiple(of: 2)
      results.runs[index].derived.rate *= isEven ? 1.5 : 0.7
    }
    let said = sentences(results)
    #expect(said.count == 2)
    #expect(
      said[0].hasPrefix(
        "packet-mmap and reuseport cannot be told apart on udp-rr: throughput 0.95× ["))
  }

  @Test func tooFewRoundsAndWhatWasLeftOutAreSaid() throws {
    let said = sentences(
      try results(
        [Figures(mode: .reuseportFIN, rate: 2)], workload: .crr, rounds: 2,
        leftOut: [Self.packetMMap, Self.afXDP]))
    #expect(
      said == [
        "reuseport-fin: too few rounds to compare with reuseport.",
        "Not measured on crr: packet-mmap, af-xdp (serve "
          + "\(Workload.allCases.filter(Self.afXDP.serves).map(\.rawValue).joined(separator: ", ")) only).",
      ])
  }

  /// Results of other benchmarks have none.
  @Test func listenerModesAreNotHeldAgainstTheKernel() throws {
    let recorded = try ResultsFile.read(Self.fixtures + "/results.jsonl")
    #expect(BypassVerdict(recorded) == nil)
    #expect(BypassText.sentences(nil) == [])
  }

  @Test func aPageAndATextHoldTheBackends() throws {
    let results = try results([Figures(mode: Self.afXDP, rate: 1.5)])
    let text = BenchText.text(results)
    #expect(text.contains("backend") && text.contains("native") && text.contains("poll"))
    #expect(!text.contains("Jain"))
    let page = BenchPage.html(results)
    #expect(page.contains("<h1>Kernel bypass, measured</h1>"))
    #expect(page.contains("af-xdp beats reuseport on udp-rr"))
    // Facts and the plan's part read back.
    let session = try #require(results.session)
    var bytes = try ResultsFile.encode(.session(session))
    for run in results.runs { bytes += try ResultsFile.encode(.run(run)) }
    let again = try ResultsFile.decode(bytes, from: "memory")
    #expect(again.session == session && again.runs == results.runs)
  }

  @Test func aBusyPollerBesideOtherLoadIsMarked() throws {
    var run = try #require(
      try results([Figures(mode: Self.afXDP, wait: .busy)]).runs.last)
    let options = LoadOptions(Exchange(.udpRR), targets: ["127.0.0.1:1"])
    for (share, isMarked) in [(0.01, false), (0.2, true)] {
      run.derived.otherUserShare = share
      let warnings = RunCheck.warnings(
        run, wanted: run.backlog, options: options, localPorts: nil)
      #expect(warnings.contains { $0.code == .busyBesideLoad } == isMarked)
    }
  }
}
