import Glibc
import KernelIO
import Notation
import ReceivePath
import Rendering
import Scaling

/// Takes the figure of a search in one state of the host.
protocol Trials {
  /// "crr on reuseport with 1 worker"
  var workload: String { get }

  /// The state is made before, and taken back after.
  func measure(_ variant: String, round: Int) throws -> Search.Result
}

/// Beyond what a trial is not to be believed.
struct Patience {
  /// Of all CPUs' time, what somebody else may take.
  var noise: Double

  /// What to say of one that is beyond them.
  func refusal(_ disturbance: Disturbance?) -> Search.Result? {
    guard let disturbance, disturbance.share > noise else { return nil }
    return .disturbed(SearchText.sentence(disturbance))
  }
}

/// Runs of a workload of our own.
struct WorkloadTrials: Trials {
  let goal: SearchGoal
  let runs: VariantRun
  let patience: Patience
  /// Devices whose losses are watched; none of a search in namespaces, whose devices end with a run.
  let devices: [String]
  let kernel: LiveKernel

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
    let watch = devices.isEmpty ? nil : LossWatch(devices, kernel)
    let record = try runs.measure(variant, round: round, observer: watch)
    let seconds = Double(MonotonicClock.now() - start) / 1e9
    if variant != Comparison.asItIs, record.changes?.isEmpty == true {
      return .inapplicable("it changes nothing here")
    }
    if let device = watch?.linkLost { return .harmed(Self.lost(device)) }
    if let refusal = patience.refusal(record.disturbance) { return refusal }
    var figures: [String: Double] = ["rate": record.rate]
    if let latency = record.load.latency { figures["p99"] = Double(latency.p99) }
    if let cpu = record.derived.cpu { figures["cpu"] = cpu }
    guard let figure = figures.removeValue(forKey: goal.rawValue) else {
      return .failed("the run has no figure of \(goal.rawValue)")
    }
    // The fewer transactions a second, the more time each takes.
    if let rate = figures["rate"] { figures["rate"] = rate > 0 ? 1 / rate : nil }
    return .observed(
      SearchObservation(
        figure: figure, costs: figures, losses: watch?.losses ?? [:], doubts: record.doubts,
        seconds: seconds))
  }

  static func lost(_ device: String) -> String { "\(device) lost its link while it was measured" }
}

/// Runs of a command of the user's, which prints a number.
struct CommandTrials: Trials {
  let command: String
  let staging: any Staging
  let interruption: Interruption
  let patience: Patience
  let devices: [String]
  let kernel: LiveKernel

  var workload: String { command }

  func measure(_ variant: String, round: Int) throws -> Search.Result {
    let start = MonotonicClock.now()
    if try staging.set(variant).isEmpty, variant != Comparison.asItIs {
      try staging.reset()
      return .inapplicable("it changes nothing here")
    }
    let losses = DeviceLosses(of: devices, kernel)
    let host = HostSample(kernel, isStart: true)
    let output = Result<String, any Error> { try ShellCommand.run(command, interruption) }
    let use = HostUse(from: host, to: HostSample(kernel))
    let after = DeviceLosses(of: devices, kernel)
    try staging.reset()
    let text = try output.get()
    let seconds = Double(MonotonicClock.now() - start) / 1e9
    if let device = after.linkLost(since: losses) { return .harmed(WorkloadTrials.lost(device)) }
    // What else runs here may be what the command is about.
    if let refusal = patience.refusal(Disturbance.most(of: use.disturbances)) { return refusal }
    guard let figure = Self.figure(text) else {
      return .failed("'\(command)' printed no number")
    }
    return .observed(
      SearchObservation(figure: figure, losses: after.since(losses), seconds: seconds))
  }

  /// The last word of the output that is a number.
  static func figure(_ text: String) -> Double? {
    text.split(whereSeparator: \.isWhitespace).reversed().lazy.compactMap { Double($0) }
      .first { $0.isFinite }
  }
}
