import Glibc
import KernelIO
import Scaling

/// Runs a plan, and writes and keeps what comes of it.
struct BenchSession {
  let plan: RunPlan
  let session: Session
  let directory: String

  func run(_ interruption: Interruption, _ kernel: LiveKernel) throws -> (Results, Sweep.Ending) {
    let writer = try ResultsWriter(directory: directory)
    try writer.append(.session(session))
    var runs: [RunRecord] = []
    var locks: [LockRecord] = []
    var warnings = session.warnings
    let perRun = plan.duration + plan.warmUp + 0.1
    let sweep = try Sweep(
      plan, executable: "/proc/self/exe", interruption: interruption, kernel: kernel,
      progress: { combination, remaining in
        Progress.show(
          "\(combination.mode.rawValue) with \(combination.workers), "
            + "at least \(Int(Double(remaining) * perRun)) s to go")
      },
      report: { line in
        try writer.append(line)
        switch line {
        case .run(let run): runs.append(run)
        case .locks(let record): locks.append(record)
        case .warning(let warning): warnings.append(warning)
        case .session: break
        }
      })
    let ending = try sweep.run()
    Progress.show(nil)
    return (Results(session, runs, locks, warnings), ending)
  }
}
