import Glibc
import KernelIO
import Notation
import ReceivePath
import Scaling

/// Takes the figure of a search in one state of the host.
protocol Trials {
  /// "crr on reuseport with 1 worker"
  var workload: String { get }

  /// The state is made before, and taken back after.
  func measure(_ variant: String, round: Int) throws -> Search.Result
}

/// Runs of a workload of our own.
struct WorkloadTrials: Trials {
  let goal: SearchGoal
  let runs: VariantRun

  var workload: String {
    let plan = runs.plan
    let server =
      plan.network == .remote
      ? "against \((plan.targets ?? []).joined(separator: ", "))"
      : plan.combinations.first.map {
        "on \($0.mode.name) with \(Format.count($0.workers, "worker"))"
      } ?? ""
    return "\(plan.exchange.workload.rawValue) \(server)"
  }

  func measure(_ variant: String, round: Int) throws -> Search.Result {
    let start = MonotonicClock.now()
    let record = try runs.measure(variant, round: round)
    let seconds = Double(MonotonicClock.now() - start) / 1e9
    if variant != Comparison.asItIs, record.changes?.isEmpty == true {
      return .inapplicable("it changes nothing here")
    }
    var figures: [String: Double] = ["rate": record.rate]
    if let latency = record.load.latency { figures["p99"] = Double(latency.p99) }
    if let cpu = record.derived.cpu { figures["cpu"] = cpu }
    guard let figure = figures.removeValue(forKey: goal.rawValue) else {
      return .failed("the run has no figure of \(goal.rawValue)")
    }
    // The fewer transactions a second, the more time each takes.
    if let rate = figures["rate"] { figures["rate"] = rate > 0 ? 1 / rate : nil }
    return .observed(SearchObservation(figure: figure, costs: figures, seconds: seconds))
  }
}

/// Runs of a command of the user's, which prints a number.
struct CommandTrials: Trials {
  let command: String
  let staging: any Staging
  let interruption: Interruption

  var workload: String { command }

  func measure(_ variant: String, round: Int) throws -> Search.Result {
    let start = MonotonicClock.now()
    let changes = try staging.set(variant)
    let output: Result<String, any Error>
    if variant != Comparison.asItIs, changes.isEmpty {
      try staging.reset()
      return .inapplicable("it changes nothing here")
    }
    output = Result { try ShellCommand.run(command, interruption) }
    try staging.reset()
    let text = try output.get()
    let seconds = Double(MonotonicClock.now() - start) / 1e9
    guard let figure = Self.figure(text) else {
      return .failed("'\(command)' printed no number")
    }
    return .observed(SearchObservation(figure: figure, seconds: seconds))
  }

  /// The last word of the output that is a number.
  static func figure(_ text: String) -> Double? {
    text.split(whereSeparator: \.isWhitespace).reversed().lazy.compactMap { Double($0) }
      .first { $0.isFinite }
  }
}
