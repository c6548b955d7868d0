import ArgumentParser
import Glibc
import KernelIO
import Knobs
import Notation
import ReceivePath
import Rendering
import Scaling

/// Runs a plan, and writes, keeps and shows what comes of it.
struct Measurement {
  private let plan: SweepPlan
  private let session: Session
  private let kernel: LiveKernel
  private let directory: String
  private let staging: (any Staging)?

  init(
    _ plan: SweepPlan, _ warnings: [Warning], _ machine: Machine, _ kernel: LiveKernel,
    directory: String, staging: (any Staging)? = nil
  ) {
    self.plan = plan
    self.kernel = kernel
    self.directory = directory
    self.staging = staging
    session = Self.session(plan, warnings, machine, kernel)
  }

  /// What a results file begins with.
  static func session(
    _ plan: SweepPlan, _ warnings: [Warning], _ machine: Machine, _ kernel: LiveKernel
  ) -> Session {
    Session(
      tool: "rxtune \(Release.version)", started: MonotonicClock.realtime(),
      command: CommandLine.arguments, machine: machine, plan: plan, warnings: warnings,
      receivePath: receivePath(kernel))
  }

  /// This program, which each half of a run is once more.
  static let executable = "/proc/self/exe"

  /// Measures and shows what came of it; ends with the exit status of how that went.
  ///
  /// - Parameter json: what is printed instead of text.
  func run(_ interruption: Interruption, _ json: ((Results) -> JSON)?) throws {
    let (results, ending) = try measure(interruption)
    let failure = ending == .interrupted ? nil : Self.failure(results)
    try show(json.map { $0(results).printed(failing: failure) } ?? BenchText.text(results))
    Console.report(.note, "results: \(directory)/\(ResultsFile.name)")
    switch ending {
    case .complete: break
    case .timeLimit: Console.report(.warning, "--time-limit reached: not every round was measured")
    case .interrupted: throw ExitCode(130)
    }
    try failure?.afterItsDocument()
  }

  private static func failure(_ results: Results) -> Failure? {
    if results.runs.isEmpty { return Failure(said: "nothing was measured", .nothingMeasured) }
    let empty = ModeSummary.all(results).filter(\.measuredNothing)
    guard !empty.isEmpty else { return nil }
    let names = empty.map { "\($0.name) with \(Format.count($0.workers, "worker"))" }
    return Failure(
      "nothing was measured of \(names.joined(separator: ", "))", .nothingMeasured)
  }

  /// Before a run, for what it measures is not the machine's.
  static func showQuotas(_ quotas: [CPUQuota]) {
    for quota in quotas { Console.report(.note, "CPU quota \(quota)") }
  }

  private func measure(_ interruption: Interruption) throws -> (Results, Sweep.Ending) {
    try plan.check()
    var session = session
    session.machine.settings = try Sweep.settings(
      session.machine, plan, executable: Self.executable, interruption)
    let writer = try ResultsWriter(directory: directory)
    try writer.append(.session(session))
    var runs: [RunRecord] = []
    var locks: [LockRecord] = []
    var counts: [CountRecord] = []
    var stages: [StageRecord] = []
    var warnings = session.warnings
    let perRun = plan.duration + plan.warmUp + 0.1
    let sweep = try Sweep(
      plan, executable: Self.executable, interruption: interruption, kernel: kernel,
      staging: staging,
      progress: { combination, remaining in
        Progress.show(
          "\(combination.name), at least \(Int(Double(remaining) * perRun)) s to go")
      },
      report: { line in
        try writer.append(line)
        switch line {
        case .run(let run): runs.append(run)
        case .locks(let record): locks.append(record)
        case .counts(let record): counts.append(record)
        case .stages(let record): stages.append(record)
        case .warning(let warning): warnings.append(warning)
        case .session, .breakdown, .floors, .search, .trial: break
        }
      })
    defer { Progress.show(nil) }
    let ending = try sweep.run()
    var results = Results(session, runs, locks, stages, warnings)
    results.counts = counts
    return (results, ending)
  }

  /// What `rxtune show` says now, but for sockets: results are passed on, and who listens here is
  /// no part of them. Empty where it can say nothing.
  private static func receivePath(_ kernel: LiveKernel) -> [String] {
    let host = Host(kernel)
    guard let links = try? host.devices(named: []).links, !links.isEmpty else { return [] }
    return ShowDocument(
      host.snapshot(of: links, withSockets: false),
      stages: Stage.allCases.filter { $0 != .socket }
    ).lines
  }
}
