import ArgumentParser
import Glibc
import Scaling

/// Which runs a benchmark is made of, as `bench reuseport` and `bench compare` take it.
struct SweepOptions: ParsableArguments {
  @OptionGroup var runs: RunOptions

  @Option(help: "Worker counts, comma-separated. (default: 1, 2, 4, … up to the server's CPUs)")
  var workers: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Measure in fresh network namespaces, or over loopback. (default: namespaces as root)")
  var netns: Bool?

  func validate() throws { _ = try workerList() }

  /// As `RunOptions.plan`.
  func plan(
    _ modes: [ListenerMode], _ machine: Machine, over chosen: SweepPlan.Network? = nil,
    rounds: Int = 15
  ) throws -> (SweepPlan, [Warning]) {
    let online = machine.onlineCPUs
    let halves = chosen == .remote ? (server: [], client: online) : SweepPlan.split(online)
    var refusals: [Warning] = []
    let network = chosen ?? network(&refusals)
    let (plan, warnings) = try runs.plan(
      modes, machine, over: network, halves: halves, workerCounts: try workerList(), rounds: rounds)
    return (plan, refusals + warnings)
  }

  private func network(_ warnings: inout [Warning]) -> SweepPlan.Network {
    if let netns { return netns ? .namespaces : .loopback }
    if geteuid() == 0 { return .namespaces }
    warnings.append(Warning(.namespacesUnavailable, "not root"))
    return .loopback
  }

  /// Those of a list with commas, or all that serve the workload.
  func modes(_ list: String?) throws -> [ListenerMode] {
    guard let list else { return ListenerMode.serving(runs.exchange.workload) }
    let wanted = try list.split(separator: ",").map { name in
      guard let mode = ListenerMode(argument: String(name)) else {
        throw ValidationError("\"\(name)\" is not a mode; use \(ListenerMode.names)")
      }
      guard mode.serves(runs.exchange.workload) else {
        throw ValidationError("\(name) does not serve \(runs.exchange.workload.rawValue)")
      }
      return mode
    }
    guard !wanted.isEmpty else { throw ValidationError("--modes is empty") }
    return ListenerMode.kernel.filter { wanted.contains($0) }
  }

  private func workerList() throws -> [Int]? {
    guard let workers else { return nil }
    let counts = try workers.split(separator: ",").map { text in
      guard let count = Int(text), (1...ServerOptions.workerLimit).contains(count) else {
        throw ValidationError(
          "--workers \"\(text)\": use numbers from 1 to \(ServerOptions.workerLimit), comma-separated"
        )
      }
      return count
    }
    guard !counts.isEmpty else { throw ValidationError("--workers is empty") }
    return Set(counts).sorted()
  }
}
