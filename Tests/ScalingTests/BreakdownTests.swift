import Glibc
import KernelIO
import Knobs
import ReceivePath
import TestSupport
import Testing

@testable import Rendering
@testable import Scaling

@Suite("Where a transaction's time goes", .serialized) struct BreakdownTests {
  private static let fixtures =
    #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/Fixtures"

  /// 100,000 transactions in a second: 10 µs of each CPU for one.
  private func recorded() throws -> Results {
    var results = try ResultsFile.read(Self.fixtures + "/results.jsonl")
    var run = try #require(results.runs.first)
    run.load.counts.measured = 100_000
    run.load.seconds = 1
    run.derived.locality = 0.75
    var times = ProcessorTimes()
    times.user = 10
    times.system = 75
    times.idle = 15
    run.server.host.processors = [0: times]
    run.server.host.seconds = 1
    var server = Breakdown.End(kind: .server, cpus: [0])
    server.samples = 1000
    server.idle = 150
    server.foreign = 40
    server.own = 10
    server.causes = [
      .init(of: .protocols, samples: 400), .init(of: .allocation, samples: 160),
      .init(of: .vfs, samples: 80), .init(of: .entry, samples: 80),
      .init(of: .unknown, samples: 80),
    ]
    server.calls = [.init(of: "softirq", samples: 500), .init(of: "close", samples: 300)]
    server.unknown = [.init(of: "unheard_of", samples: 80)]
    var load = Breakdown.End(kind: .load, cpus: [1])
    load.samples = 1000
    load.causes = [.init(of: .protocols, samples: 1000)]
    let breakdown = Breakdown(
      exchange: Exchange(.crr), run: run, frequency: 1000, seconds: 1, ends: [server, load],
      lost: 0, throttled: 0)
    results.session?.warnings = []
    results.runs = []
    results.locks = []
    results.stages = []
    results.warnings = []
    results.breakdowns = [breakdown]
    results.floors = [
      Floor(name: "getppid", nanoseconds: 117.4), Floor(name: "io_uring NOP, alone", reason: "no"),
    ]
    return results
  }

  @Test func samplesAreTimeWithAnError() throws {
    let breakdown = try #require(try recorded().breakdowns.first)
    let server = breakdown.ends[0]
    let time = try #require(breakdown.time(400, server))
    #expect(abs(time.microseconds - 4) < 1e-9)
    // √(0.4 · 0.6 / 1000) of 10 µs.
    #expect(abs(time.error - 0.154919) < 1e-6)
    #expect(server.busy == 800)
    let blamed = try #require(server.share(Cause.blamed))
    #expect(blamed.share == 0.4 && abs(blamed.error - 0.0173205) < 1e-6)
    #expect(breakdown.measured(server) == 8.5)
    #expect(breakdown.measured(breakdown.ends[1]) == nil)
    #expect(breakdown.time(1, Breakdown.End(kind: .load, cpus: [])) == nil)
  }

  /// As where the kernel samples no idle CPU: 550 of 1,000 moments that were due.
  @Test func momentsThatNobodyLookedAtAreNobodysTime() throws {
    var breakdown = try #require(try recorded().breakdowns.first)
    let whole = breakdown.time(400, breakdown.ends[0])
    breakdown.ends[0].samples -= breakdown.ends[0].idle
    breakdown.ends[0].idle = 0
    #expect(breakdown.time(400, breakdown.ends[0]) == whole)
    // Half of the foreign time was not sampled: the rest of what was measured.
    breakdown.ends[0].foreign = 20
    #expect(abs(try #require(breakdown.unsampled(breakdown.ends[0])) - 0.2) < 1e-9)
    // What the hypervisor took is nobody's, either.
    breakdown.run.server.host.processors[0]?.steal = 5
    #expect(breakdown.measured(breakdown.ends[0]) == 8)
    #expect(breakdown.unsampled(breakdown.ends[0]) == 0)
    // The sampler was let run late, and for half of the time.
    breakdown.seconds = 0.5
    #expect(breakdown.time(200, breakdown.ends[0])?.microseconds == whole?.microseconds)
  }

  @Test func rowsAreTheMostExpensiveFirstThenTheSums() throws {
    let breakdown = try #require(try recorded().breakdowns.first)
    let rows = BreakdownText.rows(breakdown).map { $0.map { $0 ?? "–" }.joined(separator: "|") }
    #expect(
      rows == [
        "TCP, UDP and sockets|4.00|0.30|50 %|10.00|0.00|100 %|████████████████████████",
        "memory allocation|1.60|0.23|20 %|–|–|–|███",
        "VFS and files|0.80|0.17|10 %|–|–|–|█",
        "kernel entry and exit|0.80|0.17|10 %|–|–|–|█",
        "unknown|0.80|0.17|10 %|–|–|–|█",
        "sum|8.00|0.25|–|10.00|0.00|–|", "other processes|0.40|0.12|–|–|–|–|",
        "rxtune's sampler|0.10|0.06|–|–|–|–|", "not sampled|0.00|–|–|–|–|–|",
        "measured|8.50|–|–|–|–|–|",
      ])
  }

  @Test func theAnswerIsInTheTalksOwnWords() throws {
    let results = try recorded()
    #expect(
      BenchText.sentences(results) == [
        "VFS overheads, system call overheads and memory allocation: 40 % ±3.4 of a short connection "
          + "on the server's CPUs.",
        "Connection locality: the worker's own CPU received 75 % of packets in crr. What the others "
          + "would cost, a run without them cannot show.",
      ])
    let text = BenchText.text(results)
    #expect(text.contains("server by call: softirq 5.00, close 3.00\nserver unknown: unheard_of"))
    #expect(text.contains("getppid              117\n"))
    #expect(BenchPage.html(results).contains("Where the time goes: crr"))
  }

  @Test func resultsReadBackAndImpossibleOnesAreRefused() throws {
    let results = try recorded()
    let session = try #require(results.session)
    var breakdown = results.breakdowns[0]
    func read() throws -> Results {
      try ResultsFile.decode(
        ResultsFile.encode(.session(session)) + ResultsFile.encode(.floors(results.floors))
          + ResultsFile.encode(.breakdown(breakdown)), from: "memory")
    }
    #expect(BenchText.text(try read()) == BenchText.text(results))
    breakdown.ends[0].causes[0].samples = 1001
    #expect(throws: BenchError.self) { try read() }
  }

  // MARK: What lacks

  private static let plan = SweepPlan(
    modes: [.reuseport], workerCounts: [1], exchange: Exchange(.crr), serverCPUs: [0],
    clientCPUs: [0], network: .namespaces)

  @Test func hiddenFunctionsAreToldWithWhatHidesThem() {
    let kernel = ScriptedKernel([
      "/proc/kallsyms": "0000000000000000 T tcp_v4_rcv\n", "/proc/sys/kernel/kptr_restrict": "2\n",
    ])
    let error = #expect(throws: BenchError.self) { try RunSampler(Self.plan, kernel) }
    #expect(error?.message.contains("kernel.kptr_restrict is 2") == true)
    #expect(error?.hint == "set it to 1 for the time of the measurement")
  }

  @Test(
    arguments: [
      (EACCES, "0000000000000000", "needs root, or CAP_PERFMON (kernel.perf_event_paranoid is 3)"),
      (EPERM, "000001ffffffffff", "check kernel lockdown: cat /sys/kernel/security/lockdown"),
      (ENOSYS, "000001ffffffffff", "this kernel has no perf events (CONFIG_PERF_EVENTS)"),
    ])
  func refusalsSayWhatToTry(code: Int32, capabilities: String, hint: String) {
    let kernel = ScriptedKernel([
      "/proc/self/status": "CapEff:\t\(capabilities)\n",
      "/proc/sys/kernel/perf_event_paranoid": "3\n",
    ])
    let refusal = KernelError("open", "perf event", Errno(rawValue: code))
    #expect(RunSampler.error(refusal, kernel).hint == hint)
  }

  @Test func aKernelWithoutTypesIsToldSo() {
    let error = #expect(throws: BenchError.self) { try TransactionCounter(ScriptedKernel()) }
    #expect(error?.message.contains("/sys/kernel/btf/vmlinux") == true)
  }

  // MARK: Of a real run

  private static let isPossible =
    Tool.path != nil && NetworkNamespace.isAvailable && KernelSymbols(LiveKernel()) != nil
    && (try? PerfSampler(cpus: [0], frequency: 97)) != nil && JSONSchemaFile.isUsable

  /// What `rxtune bench where` says with these options.
  private func breakdown(_ options: String) throws -> Breakdown {
    let directory = "/tmp/rxtune-breakdown-test-\(MonotonicClock.now())"
    defer { _ = try? Shell.run("rm -rf \(directory)") }
    let command =
      "\(Tool.path ?? "") bench where --duration 1.5 --warm-up 0.2 --json \(options) "
      + "--out \(directory) 2> /dev/null"
    let result = try JSONSchemaFile.validate(command, is: "bench-report")
    #expect(result.status == 0, "\(result.output)")
    return try #require(try ResultsFile.read(directory).breakdowns.first)
  }

  /// Samples against two other looks at the same time, by bounds that hold beside any other load: what
  /// the scheduler charged to the processes, from when each is woken on, and how long their CPUs
  /// were not idle.
  ///
  /// - Parameter unsampled: what may lack of a CPU's time. Where it idles, each wake-up's interrupt does.
  ///   A kernel that takes no sample of an idle CPU, as its timer runs there outside of an interrupt,
  ///   takes none of its wake-ups either, and how long these are is the hypervisor's doing.
  private func expectAgreement(_ breakdown: Breakdown, unsampled: Double = 0.4) throws {
    let run = breakdown.run
    let transactions = Double(run.load.counts.measured)
    let tasks = breakdown.ends.reduce(0) { $0 + ($1.tasks ?? 0) }
    let sampled = Double(tasks) / Double(breakdown.frequency)
    let charged = [run.server.host, run.load.host].map { $0.usage.user + $0.usage.system }
      .reduce(0, +)
    // Four standard errors, and what was done while the windows did not quite agree.
    let error = 4 * Double(tasks).squareRoot() / Double(breakdown.frequency) + 0.03
    #expect(sampled < 1.05 * charged + error && sampled > 0.25 * charged - error, "\(charged) s")
    for end in breakdown.ends {
      let all = try #require(breakdown.time(end.sampled, end))
      let measured = try #require(breakdown.measured(end))
      // A clock tick, twice.
      let error = 4 * all.error + 20_000 / transactions
      // Where CPUs idle, their samples may be late, which is said then.
      let busy = try #require(breakdown.notIdle(end))
      let idles = busy * transactions < 0.9 * run.load.seconds * Double(end.cpus.count) * 1e6
      let isLate = idles && breakdown.excess(end) != nil
      #expect(isLate || all.microseconds < 1.05 * busy + error, "\(busy) µs")
      let lacking = try #require(breakdown.unsampledShare(end))
      let isBlind = idles && end.idle == 0
      #expect(isBlind || lacking < unsampled, "\(all), \(measured) µs")
    }
  }

  @Test(.enabled(if: isPossible, "needs root, perf_event_open(2) and python3-jsonschema"))
  func aShortConnectionIsBrokenDown() throws {
    let breakdown = try breakdown("--workload crr")
    #expect(breakdown.run.load.counts.measured > 100)
    for end in breakdown.ends {
      #expect(end.samples == end.sampled + end.idle)
      #expect(end.samples > 100)
      #expect(end.calls.reduce(0) { $0 + $1.samples } == end.busy)
      // TCP's own work is the largest of all, and little has no name.
      let protocols = try #require(end.share([.protocols])).share
      let unknown = try #require(end.share([.unknown])).share
      #expect(protocols > 0.1 && unknown < 0.1, "\(end.causes), \(end.unknown)")
    }
    try expectAgreement(breakdown)
    let server = try #require(breakdown.ends.first)
    if server.kind == .server {
      let calls = server.calls.map(\.of)
      for call in ["softirq", "accept4", "close", "sendto"] { #expect(calls.contains(call)) }
    }
  }

  /// A third of what the CPUs could do at most, and as much beside a process that takes all that is
  /// left: idle time is no part of a transaction's.
  @Test(
    .enabled(if: isPossible, "needs root, perf_event_open(2) and python3-jsonschema"),
    arguments: [false, true])
  func timesDoNotDependOnWhatElseTheCPUsDo(hasHog: Bool) throws {
    let cpus = AllowedCPUs.current(LiveKernel()).cpus.prefix(2)
    let hogs = try (hasHog ? cpus : []).map { cpu in
      try Tool(["taskset", "-c", "\(cpu)", "sh", "-c", "ulimit -t 60; while :; do :; done"])
    }
    defer {
      for hog in hogs {
        hog.signal(SIGKILL)
        _ = hog.finish()
      }
    }
    try expectAgreement(
      try breakdown("--workload udp-rr --rate 8k"), unsampled: hasHog ? 0.1 : 0.4)
  }
}
