import ArgumentParser
import Glibc
import KernelIO
import Knobs
import ReceivePath
import Rendering
import Scaling

/// `rxtune bench reuseport`: every listener mode under one load generator.
struct BenchReuseport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reuseport",
    abstract: "Measure SO_REUSEPORT against single-listener servers.",
    discussion: """
      Each run is a server and a load generator in processes of their own, on CPUs of their own \
      where there are enough; as root also in fresh network namespaces with a veth pair between \
      them. Runs of all modes are interleaved in random order and repeated until each interval is \
      under 5 %. Results are written as each run ends; Ctrl-C keeps them.

      Modes:
      \(ListenerMode.allCases.map { "  \($0.rawValue): \($0.abstract)" }.joined(separator: "\n"))
      """)

  @Option(help: "Modes to measure, with commas; all that serve the workload without.")
  var modes: String?

  @OptionGroup var exchange: ExchangeOptions

  @Option(help: "Numbers of workers, with commas; 1, 2, 4 … up to the server's CPUs without.")
  var workers: String?

  @Option(help: "Connections at once.")
  var connections = 32

  @Option(help: "Seconds that a run is measured.")
  var duration = 5.0

  @Option(help: "Seconds of a run before it is measured.")
  var warmUp = 0.5

  @Option(name: .customLong("repeat"), help: "Rounds that are made in any case.")
  var repeats = 5

  @Option(help: "Rounds after which it ends although intervals are wide.")
  var maxRepeat = 15

  @Option(help: "Transactions a second to begin (open loop); as many as there can be without.")
  var rate: Double?

  @Option(
    parsing: .upToNextOption,
    help: "server=LIST client=LIST: who runs where, as server=0-3 client=4-7; by halves without.")
  var cpus: [String] = []

  @Flag(
    inversion: .prefixedNo,
    help: "A fresh pair of network namespaces a run, or loopback; namespaces where root allows.")
  var netns: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: "Trace waits for locks, in one more run of each; done where root allows.")
  var locks: Bool?

  @Option(help: "Addresses that the load comes from.")
  var sources = 16

  @Option(help: "Length of the accept queue; the kernel cuts it to net.core.somaxconn.")
  var backlog: Int32 = 4096

  @Option(help: "Seconds after which no new run begins.")
  var timeLimit = 3600.0

  @Option(help: "Seed of the order of runs.")
  var seed: UInt64 = 1

  @Option(help: "Directory for the results; made where it is missing.")
  var out = "rxtune-bench"

  func validate() throws {
    try BenchBounds.check(duration: duration, warmUp: warmUp)
    _ = try modeList()
    _ = try workerList()
    _ = try cpuSets()
    guard timeLimit > 0 && timeLimit <= 7 * 86_400 else {
      throw ValidationError("--time-limit is from 0 to 604800 seconds")
    }
    guard (1...4096).contains(sources) else { throw ValidationError("--sources is from 1 to 4096") }
  }

  func run() throws {
    let kernel = LiveKernel()
    let interruption = try Interruption()
    let machine = Machine(kernel)
    var warnings: [Warning] = []
    let plan = try makePlan(machine, &warnings)
    let session = Session(
      tool: "rxtune \(Release.version)", started: MonotonicClock.realtime(),
      command: CommandLine.arguments, machine: machine, plan: plan, warnings: warnings,
      receivePath: Self.receivePath(kernel))
    let sweep = BenchSession(plan: plan, session: session, directory: out)
    let (results, ending) = try sweep.run(interruption, kernel)
    print(BenchText.text(results))
    Console.complain("results: \(out)/\(ResultsFile.name)")
    switch ending {
    case .complete: break
    case .timeLimit: Console.complain("--time-limit was reached; not every round was made")
    case .interrupted: throw ExitCode(130)
    }
    if results.runs.isEmpty { throw ExitCode.failure }
  }

  /// What `rxtune show` says now; empty where it can say nothing.
  private static func receivePath(_ kernel: LiveKernel) -> [String] {
    let host = Host(kernel)
    guard let links = try? host.devices(named: []).links, !links.isEmpty else { return [] }
    return ShowText(host.snapshot(of: links), stages: []).lines
  }

  private func makePlan(_ machine: Machine, _ warnings: inout [Warning]) throws -> RunPlan {
    let online = machine.onlineCPUs
    let halves = RunPlan.split(online)
    let asked = try cpuSets()
    let server = asked.server?.cpus ?? halves.server
    let client = asked.client?.cpus ?? halves.client
    for cpu in server + client where !online.contains(cpu) {
      throw BenchError(
        "CPU \(cpu) is not online or not allowed", hint: "\(CPUSet(online).list) are")
    }
    let network = network(&warnings)
    if online.count < 4 { warnings.append(Warning(.fewCPUs, "\(online.count) online")) }
    if !Set(server).isDisjoint(with: client) { warnings.append(Warning(.sharedCPUs)) }
    if network == .loopback { warnings.append(Warning(.loopback)) }
    let counts = try workerList() ?? RunPlan.powers(upTo: server.count)
    return RunPlan(
      modes: try modeList(), workerCounts: counts, exchange: exchange.exchange,
      connections: connections,
      duration: duration, warmUp: warmUp, repeats: repeats,
      maximumRepeats: max(repeats, maxRepeat), rate: rate, serverCPUs: server, clientCPUs: client,
      network: network, sourceCount: sources, backlog: backlog, timeLimit: timeLimit, seed: seed,
      tracesLocks: locks ?? (geteuid() == 0))
  }

  private func network(_ warnings: inout [Warning]) -> RunPlan.Network {
    if let netns { return netns ? .namespaces : .loopback }
    if geteuid() == 0 { return .namespaces }
    warnings.append(Warning(.namespacesUnavailable, "not root"))
    return .loopback
  }

  private func modeList() throws -> [ListenerMode] {
    guard let modes else {
      return ListenerMode.allCases.filter { $0.serves(exchange.workload) }
    }
    let wanted = try modes.split(separator: ",").map { name in
      guard let mode = ListenerMode(rawValue: String(name)) else {
        throw ValidationError("\"\(name)\" is no mode; they are \(ListenerMode.names)")
      }
      guard mode.serves(exchange.workload) else {
        throw ValidationError("\(name) does not serve \(exchange.workload.rawValue)")
      }
      return mode
    }
    guard !wanted.isEmpty else { throw ValidationError("--modes names none") }
    return ListenerMode.allCases.filter { wanted.contains($0) }
  }

  private func workerList() throws -> [Int]? {
    guard let workers else { return nil }
    let counts = try workers.split(separator: ",").map { text in
      guard let count = Int(text), (1...ServerOptions.workerLimit).contains(count) else {
        throw ValidationError(
          "--workers \"\(text)\": numbers from 1 to \(ServerOptions.workerLimit), with commas")
      }
      return count
    }
    guard !counts.isEmpty else { throw ValidationError("--workers names none") }
    return Set(counts).sorted()
  }

  private func cpuSets() throws -> (server: CPUSet?, client: CPUSet?) {
    var sets: (server: CPUSet?, client: CPUSet?) = (nil, nil)
    for text in cpus {
      let parts = text.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let set = CPUSet(list: parts[1]), !set.isEmpty else {
        throw ValidationError("--cpus \"\(text)\": server=LIST or client=LIST is wanted")
      }
      switch parts[0] {
      case "server": sets.server = set
      case "client": sets.client = set
      default: throw ValidationError("--cpus \"\(text)\": server=LIST or client=LIST is wanted")
      }
    }
    return sets
  }
}
