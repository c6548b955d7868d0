import KernelIO
import Notation
import ReceivePath
import Testing

@testable import Rendering
@testable import Scaling

/// What is said against a run whose samples are known.
@Suite("Warnings of runs") struct RunCheckTests {
  /// Two CPUs over ten seconds; ticks of user and of idle time each.
  static func use(
    _ ticks: [(user: UInt64, idle: UInt64)], user: Double = 0, system: Double = 0
  ) -> HostUse {
    let sample = HostSample(LiveKernel())
    var use = HostUse(from: sample, to: sample)
    use.seconds = 10
    // This machine's own, of other tests.
    use.timeWait = nil
    use.usage.user = user
    use.usage.system = system
    use.processors = [:]
    for (cpu, ticks) in ticks.enumerated() {
      var times = ProcessorTimes()
      times.user = ticks.user
      times.idle = ticks.idle
      use.processors[cpu] = times
    }
    return use
  }

  private func load(threads: Int = 1, cpus: [Int] = [], rate: Double? = nil) -> LoadOptions {
    LoadOptions(
      Exchange(.rr), targets: ["192.0.2.1:1"], threads: threads, cpus: cpus, rate: rate)
  }

  private func result(
    _ use: HostUse, _ change: (inout LoadCounts) -> Void = { _ in }
  ) -> LoadResult {
    var counts = LoadCounts()
    (counts.transactions, counts.measured) = (10, 10)
    change(&counts)
    return LoadResult(counts: counts, seconds: use.seconds, latency: nil, host: use)
  }

  private func codes(_ use: HostUse, _ options: LoadOptions) -> [Warning.Code] {
    RunCheck.warnings(of: result(use), options, localPorts: nil, isServerHere: true).map(\.code)
  }

  /// One full thread that wanders over two CPUs leaves both half idle.
  @Test func aFullLoadGeneratorIsSeenByWhatItUsed() {
    let busy = Self.use([(500, 500), (500, 500)], user: 2, system: 7.5)
    #expect(codes(busy, load()) == [.clientFull])
    #expect(codes(busy, load(cpus: [0, 1])) == [.clientFull])
    #expect(codes(busy, load(threads: 2)) == [])
    #expect(codes(busy, load(rate: 1000)) == [])
    let easy = Self.use([(500, 500), (500, 500)], user: 2, system: 6.5)
    #expect(codes(easy, load()) == [])
    // More threads than CPUs can be no fuller than these.
    let both = Self.use([(950, 50), (950, 50)], user: 4, system: 15)
    #expect(codes(both, load(threads: 8)) == [.clientFull])
  }

  /// CPUs that no thread is pinned to say nothing of the load's.
  @Test func aFullCPUIsSeenBesideIdleOnesThatNoThreadRunsOn() {
    let use = Self.use([(950, 50), (0, 1000), (0, 1000)], user: 1, system: 1)
    #expect(codes(use, load(cpus: [0, 1, 2])) == [.clientFull])
    #expect(codes(use, load(threads: 3, cpus: [0, 1, 2])) == [])
  }

  /// A run over ten seconds with nothing against it.
  private func record(_ change: (inout RunRecord) -> Void) throws -> RunRecord {
    let fixtures = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined()
    let recorded = try ResultsFile.read(fixtures + "/Fixtures/results.jsonl")
    var record = try #require(recorded.runs.first)
    record.server.host = Self.use([(500, 500), (500, 500)])
    record.load.host = record.server.host
    record.derived.otherUserShare = 0
    record.derived.stealShare = 0
    change(&record)
    return record
  }

  private func results(_ runs: [RunRecord]) -> Results {
    var results = Results()
    results.runs = runs
    return results
  }

  private func warnings(_ change: (inout RunRecord) -> Void) throws -> [Warning] {
    let record = try record(change)
    return RunCheck.warnings(
      record, wanted: record.backlog, options: load(rate: 1), localPorts: 100)
  }

  @Test func whatTheKernelDroppedIsSaid() throws {
    #expect(try warnings { _ in } == [])
    let softnet = try warnings {
      $0.server.host.softnet = SoftnetCounts()
      $0.server.host.softnet?.dropped = 3
      $0.server.host.softnet?.squeezed = 101
    }
    #expect(
      softnet == [Warning(.softnetDrops, "3 packets"), Warning(.softnetSqueezes, "101 times")])
    #expect(
      try warnings {
        $0.server.host.softnet = SoftnetCounts()
        $0.server.host.softnet?.squeezed = 100
      } == [])
    // Each overflow is counted as a drop as well.
    let counters: [String: UInt64] = ["TcpExtListenDrops": 5, "TcpExtListenOverflows": 2]
    #expect(
      try warnings { $0.server.host.counters = counters } == [
        Warning(.acceptQueueOverflow, "2 times"), Warning(.listenDrops, "3 requests"),
      ])
    #expect(
      try warnings {
        $0.server.host.counters = ["TcpExtListenDrops": 2, "TcpExtListenOverflows": 2]
      }.map(\.code) == [.acceptQueueOverflow])
    #expect(
      try warnings {
        $0.server.host.counters = ["UdpRcvbufErrors": 2, "Udp6RcvbufErrors": 1]
      } == [Warning(.receiveBufferOverflow, "3 datagrams")])
  }

  /// Of the ports that the load itself has.
  @Test func waitingPortsAreSaid() throws {
    #expect(try warnings { $0.load.host.timeWait = 51 } == [Warning(.timeWait, "51 of 100")])
    #expect(try warnings { $0.load.host.timeWait = 50 } == [])
  }

  /// The load generator alone is warned of as the sweeps are.
  @Test func aLoadAloneHasTheWarningsOfARun() {
    var use = Self.use([(500, 500), (500, 500)])
    use.counters = ["TcpExtListenOverflows": 2, "TcpExtTCPSynRetrans": 4]
    use.softnet = SoftnetCounts()
    use.softnet?.dropped = 3
    use.timeWait = 60
    use.processors[0]?.steal = 1000
    let busy = result(use) {
      $0.measured = 0
      $0.portsExhausted = 7
      $0.broken = 1
      $0.overdue = 5
      $0.corrupted = 1
      $0.lastError = Errno(name: "EADDRNOTAVAIL")?.rawValue ?? 0
    }
    func warnings(isServerHere: Bool) -> [Warning] {
      RunCheck.warnings(
        of: busy, load(rate: 1), localPorts: 64, isServerHere: isServerHere)
    }
    let here = warnings(isServerHere: true)
    #expect(
      Set(here.map(\.code)) == [
        .nothingMeasured, .steal, .acceptQueueOverflow, .softnetDrops, .synRetransmits,
        .portsExhausted, .timeWait, .transactionsFailed, .overdue, .sizesDiffer,
      ])
    #expect(
      here.contains(
        Warning(
          .nothingMeasured,
          "no transaction was done in the time measured: cannot assign requested address (EADDRNOTAVAIL)"
        )))
    // Listeners elsewhere are counted elsewhere; and what no half here used is others'.
    let elsewhere = warnings(isServerHere: false).map(\.code)
    #expect(!elsewhere.contains(.acceptQueueOverflow) && elsewhere.contains(.otherLoad))
  }

  @Test func aQuotaThatHeldARunBackIsSaidOnce() throws {
    let quota = CPUQuota(cgroup: "/db", quota: 50_000, period: 100_000)
    func throttling(_ periods: UInt64) -> [CPUThrottling] {
      [CPUThrottling(quota: quota, periods: periods, microseconds: periods * 10_000)]
    }
    #expect(
      try warnings {
        $0.server.host.throttling = throttling(9)
        $0.load.host.throttling = throttling(8)
      } == [
        Warning(
          .cpuQuota, "0.5 CPUs (cgroup /db), used up in 9 periods, 0.09 s of waiting in all")
      ])
    #expect(try warnings { $0.server.host.throttling = throttling(0) } == [])
    let held = try record {
      $0.server.host.seconds = 1
      $0.server.host.throttling = throttling(9)
    }
    #expect(Verdict(results([held])).bottlenecks.map(\.bottleneck.kind) == [.cpuQuota])
    // As it stands in the results.
    let bytes = try ResultsFile.encode(.run(held))
    #expect(String(decoding: bytes, as: UTF8.self).contains(#""throttling":[{"#))
  }

  /// A full CPU beside idle ones, and a server that was at its end.
  @Test func theLeastIdleCPUAndCapacityAreShown() throws {
    let run = try record {
      $0.serverCPUs = [0, 1, 2, 3]
      $0.server.host.processors = Self.use([(980, 20), (0, 1000), (0, 1000), (0, 1000)]).processors
      $0.derived.isCapacity = true
    }
    var summary = ModeSummary(
      mode: run.mode, workers: run.workers, variant: nil, rank: 0, runs: [run, run])
    var lines = BenchText.table([summary]).split(separator: "\n")
    #expect(lines[0].contains("least  capacity"))
    #expect(lines[1].contains("     2       yes"))
    summary.runs[0].derived.isCapacity = false
    summary.runs[1].serverCPUs = [0]
    lines = BenchText.table([summary]).split(separator: "\n")
    #expect(lines[0].contains("least") && !lines[0].contains("capacity"))
    let json = ResultsJSON.shape.encode(results(summary.runs))
    guard case .array(let summaries) = json["summaries"], let first = summaries.first else {
      Issue.record("no summary")
      return
    }
    #expect(first["capacity"] == .bool(false))
    #expect(first["least-server-idle"] == .number(0.02))
  }

  /// One connection that broke and was opened again is not the balance of all.
  @Test func balanceIsOfAllConnections() {
    var (total, measured) = ([WorkerCounts(), WorkerCounts()], [WorkerCounts(), WorkerCounts()])
    total[0].accepted = 17
    total[1].accepted = 16
    measured[0].accepted = 1
    let use = Self.use([(0, 1)])
    let derived = RunRecord.Derived(
      LoadResult(counts: LoadCounts(), seconds: 10, latency: nil, host: use),
      ServerResult(total: total, measured: measured, host: use), serverCPUs: [], clientCPUs: [])
    #expect((derived.balance?.jain ?? 0) > 0.99)
    #expect((derived.balance?.maxOverMean ?? 9) < 1.05)
  }

  private func derived(_ load: HostUse, _ server: HostUse, isRemote: Bool) -> RunRecord.Derived {
    var counts = LoadCounts()
    counts.measured = 1000
    let total = isRemote ? [] : [WorkerCounts()]
    return RunRecord.Derived(
      LoadResult(counts: counts, seconds: 10, latency: nil, host: load),
      ServerResult(total: total, measured: total, host: server), serverCPUs: [], clientCPUs: [0])
  }

  /// Of a server elsewhere nothing ran here: what is not the load's is others'.
  @Test func whatOthersUsedIsWhatTheHalvesHereDidNot() {
    let load = Self.use([(1000, 1000)], user: 4)
    #expect(derived(load, load, isRemote: true).otherUserShare == 0.3)
    let server = Self.use([(1000, 1000)], user: 5)
    #expect(derived(load, server, isRemote: false).otherUserShare == 0.05)
  }
}
