import ArgumentParser
import Glibc
import KernelIO
import Knobs
import Rendering
import Scaling

/// `rxtune bench where`: where a transaction's CPU time goes.
struct BenchWhereCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "where",
    abstract: "Show where the CPU time of a transaction goes.",
    discussion: """
      Runs one server and its load in fresh network namespaces joined by a veth pair, samples their \
      CPUs about 2,000 times a second, and charges each sample to the innermost kernel function \
      whose cause is known. It needs no hardware counters. A second, shorter run counts system \
      calls, slab allocations and packets; the floors are calls that do next to nothing. Needs root.

      Causes:
      \(HelpText.items(Cause.allCases.map { ($0.title, $0.meaning) }))

      Examples:
        rxtune bench where --workload crr --duration 10s
            Show where the time of a short connection goes.
        rxtune bench where --workload rr --rate 20k
            Show it of a server that is not full, and so sleeps and is woken.
      """)

  private static let measured = Workload.allCases.filter(\.isAnswered)

  @Option(help: "What a client does: \(Workload.names(Self.measured)). (default: crr, then rr)")
  var workload: Workload?

  @Option(help: "How workers share the port: \(ListenerMode.names).")
  var mode = ListenerMode.reuseport

  @Option(help: "Concurrent connections.")
  var connections = 32

  @Option(time: "How long each workload is sampled.")
  var duration = Span(milliseconds: 5_000)

  @Option(time: "How long each run warms up first.")
  var warmUp = Span(milliseconds: 500)

  @Option(
    rate: """
      Transactions to start per second (open loop), such as 10k. (default: as many as possible)
      """)
  var rate: Double?

  @Option(
    parsing: .upToNextOption,
    help: "CPUs of each side, such as server=0 client=1. (default: one each)")
  var cpus: [String] = []

  @Option(help: "Directory for the results; created if missing.")
  var out = "rxtune-where"

  @Flag(help: "Print JSON.")
  var json = false

  private var workloads: [Workload] { workload.map { [$0] } ?? [.crr, .rr] }

  func validate() throws {
    try BenchBounds.check(duration: duration, warmUp: warmUp)
    _ = try CPUSet.sides(cpus)
    if workload?.isAnswered == false {
      throw ValidationError(
        "\(Workload.receive.rawValue) has no transactions; use crr, rr or udp-rr")
    }
    for workload in workloads where !mode.serves(workload) {
      throw ValidationError("\(mode.name) does not serve \(workload.rawValue)")
    }
  }

  func run() throws {
    guard geteuid() == 0 else {
      throw Failure(
        "bench where samples all processes and makes network namespaces (EPERM). Nothing was "
          + "measured. Run it as root: sudo rxtune bench where", .needsPrivilege)
    }
    let kernel = LiveKernel()
    let interruption = try Interruption()
    let machine = Machine(kernel)
    let plans = try plans(machine)
    guard let first = plans.first else { return }
    var session = Measurement.session(first, warnings(first), machine, kernel)
    session.machine.settings = try Sweep.settings(
      machine, first, executable: Measurement.executable, interruption)
    let writer = try ResultsWriter(directory: out)
    var results = Results(session, [], [], [], session.warnings)
    try writer.append(.session(session))
    defer { Progress.show(nil) }
    do {
      try measure(plans, writer, interruption, kernel, &results)
    } catch let error as BenchError where error == .interrupted {
      throw ExitCode(130)
    }
    Progress.show(nil)
    let failure = results.breakdowns.map(\.run.load.counts).first { $0.measured == 0 }
      .map { Failure(RunCheck.nothing($0), .nothingMeasured) }
    try show(
      json ? ResultsJSON.json(results).printed(failing: failure) : BenchText.text(results))
    Console.report(.note, "results: \(out)/\(ResultsFile.name)")
    try failure?.afterItsDocument()
  }

  private func measure(
    _ plans: [SweepPlan], _ writer: ResultsWriter, _ interruption: Interruption,
    _ kernel: LiveKernel, _ results: inout Results
  ) throws {
    results.floors = try Floor.measure(cpu: plans.first?.serverCPUs.first)
    try writer.append(.floors(results.floors))
    for plan in plans {
      Progress.show("\(plan.exchange.workload.rawValue), sampled and counted")
      let (breakdown, warnings) = try BreakdownRun(
        plan, executable: Measurement.executable, interruption: interruption, kernel: kernel
      ).make()
      try writer.append(.breakdown(breakdown))
      for warning in warnings { try writer.append(.warning(warning)) }
      results.breakdowns.append(breakdown)
      results.warnings += warnings
    }
  }

  private func plans(_ machine: Machine) throws -> [SweepPlan] {
    let sides = try CPUSet.sides(cpus)
    let online = machine.onlineCPUs
    // One CPU an end, for the time of one transaction does not depend on how many there are.
    let server = sides.server?.cpus ?? Array(online.prefix(1))
    let others = online.filter { !server.contains($0) }
    let client = sides.client?.cpus ?? (others.isEmpty ? server : Array(others.prefix(1)))
    try AllowedCPUs.check(server + client, LiveKernel())
    return try workloads.map { workload in
      let plan = SweepPlan(
        modes: [mode], workerCounts: [server.count], exchange: Exchange(workload),
        connections: connections, duration: duration.seconds, warmUp: warmUp.seconds, repeats: 1,
        maximumRepeats: 1, rate: rate, serverCPUs: server, clientCPUs: client, network: .namespaces)
      try plan.check()
      return plan
    }
  }

  private func warnings(_ plan: SweepPlan) -> [Warning] {
    Set(plan.serverCPUs).isDisjoint(with: plan.clientCPUs) ? [] : [Warning(.sharedCPUs)]
  }
}
