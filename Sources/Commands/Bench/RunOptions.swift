import ArgumentParser
import KernelIO
import Knobs
import Scaling

/// How runs are made and repeated, as each benchmark that makes some takes it.
struct RunOptions: ParsableArguments {
  @OptionGroup var exchange: ExchangeOptions

  @Option(help: "Concurrent connections.")
  var connections = 32

  @Option(time: "How long each run is measured.")
  var duration = Span(milliseconds: 5_000)

  @Option(time: "How long each run warms up first.")
  var warmUp = Span(milliseconds: 500)

  @Option(name: .customLong("repeat"), help: "Minimum rounds.")
  var repeats = 5

  @Option(help: "Maximum rounds, however wide the intervals. (default: 15; compare: 30)")
  var maxRepeat: Int?

  @Option(
    rate: """
      Transactions to start per second (open loop), such as 10k. (default: as many as possible)
      """)
  var rate: Double?

  @Option(
    parsing: .upToNextOption,
    help: "CPUs of each side, such as server=0-3 client=4-7. (default: half each)")
  var cpus: [String] = []

  @Option(help: "Number of client addresses.")
  var sources = 16

  @Option(help: "Length of the accept queue; the kernel caps it at net.core.somaxconn.")
  var backlog: Int32 = 4096

  @Option(time: "Time after which no more runs start.")
  var timeLimit = Span(milliseconds: 3_600_000)

  @Option(help: "Seed for the order of runs.")
  var seed: UInt64 = 1

  @Option(help: "Directory for the results; created if missing.")
  var out = "rxtune-bench"

  func validate() throws {
    try BenchBounds.check(duration: duration, warmUp: warmUp)
    _ = try CPUSet.sides(cpus)
    guard timeLimit.seconds > 0 && timeLimit.seconds <= 7 * 86_400 else {
      throw ValidationError("--time-limit \(timeLimit): use up to 7d")
    }
    guard (1...4096).contains(sources) else {
      throw ValidationError("--sources \(sources): use 1 to 4096")
    }
  }

  /// The plan on this machine, for all that the caller does not know better, and why its figures
  /// will not be what they look like.
  ///
  /// - Parameters:
  ///   - halves: the CPUs of server and client, where none are asked for.
  ///   - workerCounts: nil for powers of two up to the server's CPUs.
  func plan(
    _ modes: [ListenerMode], _ machine: Machine, over network: SweepPlan.Network,
    halves: (server: [Int], client: [Int]), workerCounts: [Int]?, rounds: Int = 15
  ) throws -> (SweepPlan, [Warning]) {
    let sides = try BenchSides(cpus, halves, machine, network)
    let plan = SweepPlan(
      modes: modes, workerCounts: workerCounts ?? SweepPlan.powers(upTo: sides.server.count),
      exchange: exchange.exchange,
      connections: connections, duration: duration.seconds,
      warmUp: warmUp.seconds, repeats: repeats,
      maximumRepeats: max(repeats, maxRepeat ?? rounds), rate: rate, serverCPUs: sides.server,
      clientCPUs: sides.client,
      network: network, sourceCount: sources, backlog: backlog, timeLimit: timeLimit.seconds,
      seed: seed)
    return (plan, sides.warnings)
  }
}

/// The CPUs of server and load, and why figures of them will not be what they look like.
struct BenchSides {
  let server: [Int]
  let client: [Int]
  let warnings: [Warning]

  /// - Parameters:
  ///   - asked: as --cpus takes them.
  ///   - halves: where none are asked for.
  init(
    _ asked: [String], _ halves: (server: [Int], client: [Int]), _ machine: Machine,
    _ network: SweepPlan.Network
  ) throws {
    let asked = try CPUSet.sides(asked)
    server = asked.server?.cpus ?? halves.server
    client = asked.client?.cpus ?? halves.client
    try AllowedCPUs.check(server + client, LiveKernel())
    var warnings = Warning.emulation
    let online = machine.onlineCPUs
    if online.count < 4 { warnings.append(Warning(.fewCPUs, "\(online.count) online")) }
    if !Set(server).isDisjoint(with: client) { warnings.append(Warning(.sharedCPUs)) }
    if network == .loopback { warnings.append(Warning(.loopback)) }
    self.warnings = warnings
  }
}
