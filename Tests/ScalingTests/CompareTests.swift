import Glibc
import KernelIO
import Notation
import TestSupport
import Testing

@testable import Rendering
@testable import Scaling

/// What a comparison says of samples that are known.
@Suite("Comparison of variants") struct ComparisonTests {
  /// Runs of two variants, the second's rates as so many times the first's.
  private func results(
    _ ratios: [Double], p99: Double = 1, rate: Double? = nil, changes: [String]? = nil
  ) throws -> Results {
    let fixtures = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined()
    let recorded = try ResultsFile.read(fixtures + "/Fixtures/results.jsonl")
    var session = try #require(recorded.session)
    session.plan.variants = ["none", "web"]
    session.plan.rate = rate
    let model = try #require(recorded.runs.first)
    let runs = ratios.enumerated().flatMap { round, ratio in
      ["none", "web"].map { variant in
        var run = model
        run.variant = variant
        run.round = round
        // What both of a round share: a machine that slows down by half.
        run.derived.rate = 20_000 / Double(1 + round) * (variant == "web" ? ratio : 1)
        if variant == "web" {
          run.load.latency?.p99 = UInt64(Double(model.load.latency?.p99 ?? 0) * p99)
          run.changes = changes
        }
        return run
      }
    }
    return Results(session, runs, [], [], [])
  }

  private func row(_ results: Results) throws -> Comparison.Row {
    try #require(Comparison(variants: results).rows.first)
  }

  private static let samples: [(ratios: [Double], outcome: Comparison.Outcome)] = [
    ([1.1, 1.12, 1.09, 1.1], .faster), ([0.9, 0.88, 0.91, 0.9], .slower),
    ([1, 1, 1, 1], .inconclusive), ([1.2, 0.8, 1.1, 0.9], .inconclusive),
    // Two rounds, however alike, say nothing.
    ([1.1, 1.1], .inconclusive),
  ]

  @Test(arguments: samples)
  func theAnswerIsThatOfTheSamples(ratios: [Double], outcome: Comparison.Outcome) throws {
    let row = try row(results(ratios))
    #expect(row.outcome == outcome)
    #expect(row.pairs == ratios.count)
    #expect(row.names == ("web", "none"))
  }

  @Test func aFasterOneIsSaidInASentence() throws {
    let sentence = ComparisonText.sentence(try row(results([1.1, 1.1, 1.1])))
    #expect(
      sentence.contains(
        "web is faster than none: throughput 1.10× [1.10–1.10], p99 1.00× [1.00–1.00], CPU time "
          + "per transaction 1.00× [1.00–1.00]; 3 pairs."))
  }

  @Test func scriptsReadTheSame() throws {
    let results = try results([1.1, 1.1, 1.1], changes: [])
    let json = ComparisonJSON.shape.encode(Comparison(variants: results))
    #expect(json["cautions"] == .strings(["web changes nothing here."]))
    guard case .array(let rows) = json["rows"], let row = rows.first else {
      Issue.record("no rows: \(json.line())")
      return
    }
    #expect(row["of"] == .string("web") && row["over"] == .string("none"))
    #expect(row["pairs"] == .integer(3) && row["outcome"] == .string("faster"))
    #expect(row["open-loop"] == .bool(false))
    guard case .number(let estimate) = row["throughput"]?["estimate"],
      case .number(let high) = row["throughput"]?["high"]
    else {
      Issue.record("no ratio: \(row.line())")
      return
    }
    #expect(abs(estimate - 1.1) < 1e-9 && high >= estimate)
  }

  /// At a set rate that both serve, throughput is the same whatever happens.
  @Test func openLoopIsJudgedByLatency() throws {
    let same = [1.0, 1, 1]
    #expect(try row(results(same, p99: 0.5, rate: 6000)).outcome == .faster)
    #expect(try row(results(same, p99: 2, rate: 6000)).outcome == .slower)
    #expect(try row(results(same, rate: 6000)).outcome == .inconclusive)
  }

  @Test func aProfileThatChangesNothingIsNamed() throws {
    let comparison = Comparison(variants: try results([1, 1, 1], changes: []))
    #expect(comparison.cautions == [.noChange("web")])
    #expect(
      VerdictText.sentences(Verdict(try results([1, 1, 1], changes: [])))
        .contains("web changes nothing here."))
    let other = Comparison(variants: try results([1, 1, 1], changes: ["lo link.mtu 1 → 2"]))
    #expect(other.cautions == [])
  }

  @Test func eachVariantHasItsOwnLineAndColour() throws {
    let summaries = ModeSummary.all(try results([1, 2, 3]))
    #expect(summaries.map(\.variant) == ["none", "web"])
    #expect(Set(summaries.map(\.name)).count == 2)
    #expect(summaries.allSatisfy { $0.runs.count == 3 })
    #expect(ModeSummary.lines(summaries).count == 2)
  }

  @Test func reportsTellVariantsApart() throws {
    let results = try results([1.1, 1.1, 1.1], changes: ["lo link.mtu 1 → 2"])
    let (text, page) = (BenchText.text(results), BenchPage.html(results))
    for name in ["+ none", "+ web", "web is faster", "web: lo link.mtu 1 → 2"] {
      #expect(text.contains(name) && page.contains(name), "\(name)")
    }
    #expect(page.contains("<h2>What was changed</h2>"))
  }

  @Test func aPlanHasEachVariantOnceARound() {
    let plan = SweepPlan(
      modes: [.reuseport], workerCounts: [1, 2], exchange: Exchange(.crr), serverCPUs: [0, 1],
      clientCPUs: [0, 1], network: .loopback, variants: ["none", "web", "b"])
    #expect(plan.combinations.count == 6)
    let orders = (1...8).map { plan.round($0, of: plan.combinations).map(\.name) }
    #expect(orders.allSatisfy { Set($0).count == 6 })
    #expect(Set(orders).count > 1)
  }
}

/// What is said of two sessions beside their ratios.
@Suite("Cautions of a comparison") struct CautionTests {
  private func cautions(
    _ formats: (Int, Int), _ network: SweepPlan.Network, _ setting: String
  ) throws -> [String] {
    let fixtures = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined()
    var results = try ResultsFile.read(fixtures + "/Fixtures/results.jsonl")
    results.session?.plan.network = network
    results.session?.format = formats.0
    var later = results
    later.session?.format = formats.1
    later.session?.machine.settings[setting] = "7"
    return try Comparison(results, later).cautions.map(ComparisonText.text)
      .filter { $0.contains(setting) }
  }

  /// Before format 2 the host's settings stood where those of the runs' namespaces belong.
  @Test func onlyWhatTheRunsAreKnownToHaveHadIsSaidToDiffer() throws {
    let (own, host) = ("net.core.somaxconn", "net.core.netdev_budget")
    #expect(try cautions((2, 2), .namespaces, own) == ["\(own): 4096 → 7"])
    #expect(try cautions((1, 2), .namespaces, own) == [])
    #expect(try cautions((1, 1), .namespaces, own) == [])
    #expect(try cautions((1, 1), .loopback, own) == ["\(own): 4096 → 7"])
    #expect(try cautions((1, 1), .namespaces, host) == ["\(host): 300 → 7"])
    // Memory is the host's though its name begins with net.ipv4.
    let memory = "net.ipv4.tcp_mem"
    #expect(try cautions((1, 1), .namespaces, memory) == ["\(memory): absent → 7"])
    #expect(try cautions((1, 3), .loopback, memory) == [])
  }

  @Test(arguments: [
    ("net.ipv4.tcp_mem", false), ("net.ipv4.udp_mem", false), ("net.ipv4.tcp_max_orphans", false),
    ("net.core.netdev_budget", false), ("net.core.rmem_default", false),
    ("kernel.numa_balancing", false), ("net.core.somaxconn", true), ("net.ipv4.tcp_rmem", true),
    ("net.ipv4.ip_local_port_range", true), ("net.ipv4.tcp_tw_reuse", true),
  ])
  func settingsOfANamespaceAreToldFromTheHosts(name: String, isOfNamespace: Bool) {
    #expect(Machine.isOfNamespace(name) == isOfNamespace)
    #expect(Machine.settingNames.contains(name))
  }

  @Test func quotasThatDifferAreSaid() throws {
    let fixtures = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined()
    var results = try ResultsFile.read(fixtures + "/Fixtures/results.jsonl")
    #expect(results.session?.machine.quotas == nil)
    results.session?.machine.quotas = []
    var later = results
    later.session?.machine.quotas = [CPUQuota(cgroup: "/db", quota: 5, period: 10)]
    #expect(
      try ComparisonText.sentences(Comparison(results, later))
        .contains("CPU quotas: none → 0.5 CPUs (cgroup /db)"))
    #expect(BenchText.text(later).contains(", CPU quota 0.5 CPUs (cgroup /db)\n"))
    #expect(BenchPage.html(later).contains("0.5 CPUs (cgroup /db)"))
  }
}

/// Profiles put into force, measured and rolled back, on the running kernel.
@Suite(
  "bench compare --profile", .serialized,
  .enabled(if: Tool.path != nil && geteuid() == 0, "needs root for namespaces"))
struct ProfileComparisonTests {
  private let tool = Tool.path ?? ""

  /// A directory of its own with a profile, results and state; gone after the test.
  private final class Place {
    let path: String
    init() throws {
      path = "/tmp/rxtune-compare-test-\(getpid())-\(MonotonicClock.now())"
      try Shell.run("mkdir -p \(path)")
      try LocalFile.write(
        path + "/small.yaml",
        Array(
          """
          name: small
          summary: Small packets
          settings:
            link.mtu:
              value: 1400
            net.ipv4.tcp_migrate_req:
              value: on

          """.utf8))
    }
    deinit { _ = try? Shell.run("rm -rf \(path)") }
    var profile: String { path + "/small.yaml" }
    var state: String { path + "/state" }
    func results() throws -> Results { try ResultsFile.read(path + "/out") }
  }

  private func compare(
    _ place: Place, _ arguments: [String], rounds: Int = 3, duration: Double = 0.25
  ) -> [String] {
    [
      tool, "bench", "compare", "--profile", "none", "--profile", place.profile, "--workers", "1",
      "--duration", "\(duration)", "--warm-up", "0.05", "--repeat", "\(rounds)", "--max-repeat",
      "\(rounds)", "--out", place.path + "/out", "--state-dir", place.state,
    ] + arguments
  }

  /// On loopback of a namespace made for the test.
  private func onLoopback(_ body: (Place) throws -> Void) throws {
    let place = try Place()
    try NetworkNamespace.run { _ in
      let before = mtu()
      try body(place)
      #expect(mtu() == before && before != "1400")
      #expect(migrates() == "0")
      // A rehearsal is no part of the history.
      let history = try Tool.run([tool, "history", "--state-dir", place.state])
      #expect(!history.output.contains("bench compare"), "\(history.output)")
    }
  }

  private func mtu(_ device: String = "lo") -> String? {
    try? LiveKernel().text(.sys("class/net/\(device)/mtu"))
  }

  private func migrates() -> String? {
    try? LiveKernel().text(.proc("sys/net/ipv4/tcp_migrate_req"))
  }

  /// Waits for the profile to be in force; false where it never is.
  private func isInForce() -> Bool {
    for _ in 0..<2000 {
      if mtu() == "1400" { return true }
      usleep(5_000)
    }
    return false
  }

  @Test func profilesAreInForceInTheirRunsAloneOnTheHost() throws {
    try onLoopback { place in
      let running = try Tool(compare(place, ["--no-netns", "lo"]))
      #expect(isInForce())
      let ending = running.finish()
      #expect(ending.exitCode == 0, "\(ending.output)")
      let runs = try place.results().runs
      #expect(runs.count == 6)
      for run in runs {
        #expect(run.load.counts.failed == 0)
        let isChanged = run.variant == place.profile
        #expect(
          run.changes
            == (isChanged
              ? ["lo link.mtu 65536 → 1400", "netns net.ipv4.tcp_migrate_req off → on"] : []))
      }
      #expect((1...3).allSatisfy { round in runs.filter { $0.round == round }.count == 2 })
      #expect(ending.output.contains("; 3 pairs."), "\(ending.output)")
    }
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func anInterruptPutsEverythingBack(signal: Int32) throws {
    try onLoopback { place in
      let running = try Tool(compare(place, ["--no-netns", "lo"], rounds: 100))
      #expect(isInForce())
      running.signal(signal)
      let ending = running.finish()
      #expect(ending.exitCode == 130, "\(ending.output)")
    }
  }

  @Test func aKilledOneIsPutRightByRollback() throws {
    try onLoopback { place in
      let running = try Tool(
        compare(place, ["--no-netns", "lo"], rounds: 100, duration: 10))
      #expect(isInForce())
      // A run is under way: the change is complete.
      #expect(!running.children(with: "load").isEmpty)
      running.signal(SIGKILL)
      _ = running.finish()
      #expect(mtu() == "1400")
      // Meanwhile no other change is made on top of it.
      let other = try Tool.run([tool, "set", "link.mtu=1300", "lo", "--state-dir", place.state])
      #expect(other.exitCode == 1 && other.output.contains("rollback"), "\(other.output)")
      let ending = try Tool.run([tool, "rollback", "--state-dir", place.state])
      #expect(ending.exitCode == 0, "\(ending.output)")
      try Shell.run("rm -rf \(place.state)")
    }
  }

  @Test func aBenchmarkThatFailsPutsEverythingBack() throws {
    try onLoopback { place in
      let ending = try Tool.run(compare(place, ["lo", "--target", "127.0.0.1:1"]))
      #expect(ending.exitCode == 1)
      #expect(ending.output.contains("127.0.0.1:1"), "\(ending.output)")
    }
  }

  @Test func aServerKilledInARunPutsEverythingBack() throws {
    try onLoopback { place in
      let running = try Tool(compare(place, ["--no-netns", "lo"]))
      #expect(isInForce())
      for child in running.children(with: "serve") { kill(child, SIGKILL) }
      let ending = running.finish()
      #expect(ending.output.contains("ended unexpectedly"), "\(ending.output)")
    }
  }

  @Test func profilesAreInForceInTheBenchmarksOwnNamespace() throws {
    let place = try Place()
    let running = try Tool(compare(place, ["--netns"]))
    var seen: Set<String> = []
    let kernel = LiveKernel()
    for _ in 0..<400 where seen.count < 2 {
      for child in running.children(with: "serve") {
        // The /sys of the child's namespace.
        let file = KernelPath.proc("\(child)/root/sys/class/net/rxtune0/mtu")
        if let mtu = try? kernel.text(file) { seen.insert(mtu) }
      }
      usleep(10_000)
    }
    let ending = running.finish()
    #expect(ending.exitCode == 0, "\(ending.output)")
    #expect(seen == ["1500", "1400"])
    let runs = try place.results().runs
    #expect(runs.count == 6)
    #expect(
      runs.filter { $0.variant == place.profile }.allSatisfy {
        $0.changes?.contains("rxtune0 link.mtu 1500 → 1400") == true
      })
    // The host's journals have no part in it.
    #expect((try? LocalDirectory.list(place.state)) ?? [] == [])
  }

  @Test func aDeviceIsComparedByLoadingWhatIsBeyondIt() throws {
    let place = try Place()
    let arguments = compare(place, ["web0", "--target", "198.18.7.1:7070"])
      .map { "'\($0)'" }.joined(separator: " ")
    let script = """
      unshare -n sleep 30 & peer=$!
      trap 'kill $peer' EXIT
      sleep 0.2
      ip link add web0 type veth peer name far0
      ip link set far0 netns $peer
      ip addr add 198.18.7.2/24 dev web0 && ip link set web0 up
      nsenter -t $peer -n sh -c 'ip addr add 198.18.7.1/24 dev far0 && ip link set far0 up'
      nsenter -t $peer -n \(tool) bench serve --host 198.18.7.1 --port 7070 --duration 30 \
        > /dev/null & server=$!
      sleep 0.5
      \(arguments); code=$?
      kill $server
      cat /sys/class/net/web0/mtu
      exit $code
      """
    let ending = try Tool.run([
      "unshare", "-n", "-m", "sh", "-c", "mount -t sysfs s /sys; " + script,
    ])
    #expect(ending.exitCode == 0, "\(ending.output)")
    #expect(ending.output.contains("1500\n"), "\(ending.output)")
    let runs = try place.results().runs
    #expect(runs.count == 6)
    #expect(runs.allSatisfy { $0.load.counts.transactions > 0 && $0.load.counts.failed == 0 })
    #expect(
      runs.allSatisfy {
        $0.derived.host != nil && $0.warnings.allSatisfy { $0.code != .countsDiffer }
      })
  }

  /// A setting of the whole host has no place in a benchmark that promises not to touch it.
  @Test func whatReachesBeyondTheNamespaceIsRefused() throws {
    let place = try Place()
    let before = try LiveKernel().text(.proc("irq/default_smp_affinity"))
    let profile = """
      name: wide
      summary: A setting of the host
      settings:
        irq.default-smp-affinity:
          value: "0"

      """
    try LocalFile.write(place.profile, Array(profile.utf8))
    let ending = try Tool.run(compare(place, ["--netns"]))
    #expect(ending.exitCode == 1)
    #expect(
      ending.output.contains("host irq.default-smp-affinity of the whole host"), "\(ending.output)")
    #expect(try LiveKernel().text(.proc("irq/default_smp_affinity")) == before)
  }

  private static let refusals: [(arguments: [String], code: Int32)] = [
    (["--profile", "none"], 64),
    (["--profile", "none", "--profile", "none"], 64),
    (["only-one"], 64),
    (["--profile", "none", "--profile", "spread", "eth0"], 64),
    (["--profile", "none", "--profile", "spread", "--netns", "lo"], 64),
    (["--profile", "none", "--profile", "spread", "--netns", "--target", "127.0.0.1:1"], 64),
    (["--profile", "none", "--profile", "nosuch", "--no-netns"], 1),
    (["--profile", "none", "--profile", "nosuch", "--netns"], 1),
    (["--profile", "none", "--profile", "spread", "nodev0", "--target", "127.0.0.1:1"], 1),
  ]

  @Test(arguments: refusals)
  func whatCannotBeComparedIsRefused(arguments: [String], code: Int32) throws {
    let place = try Place()
    let ending = try Tool.run(
      [tool, "bench", "compare", "--out", place.path + "/out", "--state-dir", place.state]
        + arguments)
    #expect(ending.exitCode == code, "\(ending.output)")
    #expect(ending.seconds < 10)
  }
}
