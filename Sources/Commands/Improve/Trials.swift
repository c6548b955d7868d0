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
final class CommandTrials: Trials {
  private let command: String
  private let staging: any Staging
  private let interruption: Interruption
  private let patience: Patience
  private let devices: [String]
  private let kernel: LiveKernel
  private let budget: Span
  /// Of the runs that ended, seconds.
  private var longest: Double?

  init(
    _ command: String, _ staging: any Staging, devices: [String], budget: Span,
    _ patience: Patience, _ interruption: Interruption, _ kernel: LiveKernel
  ) {
    self.command = command
    self.staging = staging
    self.devices = devices
    self.budget = budget
    self.patience = patience
    self.interruption = interruption
    self.kernel = kernel
  }

  var workload: String { command }

  /// Seconds that a run may take: nothing else would end one that hangs, with the settings that made it.
  /// With less than four runs there is nothing to find.
  private var limit: Double { longest.map { (5 * $0 + 10).rounded(.up) } ?? budget.seconds / 4 }

  func measure(_ variant: String, round: Int) throws -> Search.Result {
    let start = MonotonicClock.now()
    if try staging.set(variant).isEmpty, variant != Comparison.asItIs {
      try staging.reset()
      return .inapplicable("it changes nothing here")
    }
    let losses = DeviceLosses(of: devices, kernel)
    let host = HostSample(kernel, isStart: true)
    let limit = limit
    let begin = MonotonicClock.now()
    let output = Result<String?, any Error> {
      try ShellCommand.run(
        command, until: begin &+ Window.nanoseconds(limit), interruption)
    }
    let took = Double(MonotonicClock.now() - begin) / 1e9
    let use = HostUse(from: host, to: HostSample(kernel))
    let after = DeviceLosses(of: devices, kernel)
    try staging.reset()
    guard let text = try output.get() else {
      let span = Span(milliseconds: Int64(limit * 1000))
      let share = longest == nil ? ", a quarter of --budget" : ""
      let reason = "'\(command)' was ended, as it still ran after \(span)\(share)"
      // What is slow once as the host is may be chance.
      return variant == Comparison.asItIs && longest != nil ? .failed(reason) : .harmed(reason)
    }
    longest = max(longest ?? 0, took)
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
