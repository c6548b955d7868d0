package import KernelIO

/// All runs of a plan, interleaved, until the intervals are narrow or a bound is met.
package final class Sweep {
  package enum Ending: Hashable, Sendable {
    /// Every interval is narrow enough, or every round made.
    case complete
    case timeLimit
    case interrupted
  }

  private let plan: RunPlan
  /// Combinations with at least one run.
  private var measured: [RunPlan.Combination] = []
  private let executable: String
  private let interruption: Interruption
  private let kernel: LiveKernel
  /// Told of each result as it comes.
  private let report: (ResultsFile.Line) throws -> Void
  /// Told before each run: which, and how many are certain to follow.
  private let progress: (RunPlan.Combination, Int) -> Void

  package init(
    _ plan: RunPlan, executable: String, interruption: Interruption, kernel: LiveKernel,
    progress: @escaping (RunPlan.Combination, Int) -> Void,
    report: @escaping (ResultsFile.Line) throws -> Void
  ) throws(BenchError) {
    try plan.check()
    self.plan = plan
    self.executable = executable
    self.interruption = interruption
    self.kernel = kernel
    self.progress = progress
    self.report = report
  }

  package func run() throws -> Ending {
    let deadline = MonotonicClock.now() &+ Window.nanoseconds(plan.timeLimit)
    let ending = try measure(deadline)
    return ending == .complete && plan.tracesLocks ? try traceLocks(deadline) : ending
  }

  private func measure(_ deadline: UInt64) throws -> Ending {
    var rates: [RunPlan.Combination: [Double]] = [:]
    var active = plan.combinations
    var failures: [RunPlan.Combination: Int] = [:]
    for round in 1...plan.maximumRepeats {
      let combinations = plan.round(round, of: active)
      for (index, combination) in combinations.enumerated() {
        if MonotonicClock.now() >= deadline { return .timeLimit }
        progress(
          combination,
          combinations.count - index + max(0, plan.repeats - round) * active.count)
        do {
          let record = try Run(
            plan: plan, combination: combination, round: round, executable: executable
          ).measure(interruption, kernel)
          rates[combination, default: []].append(record.rate)
          if !measured.contains(combination) { measured.append(combination) }
          try report(.run(record))
        } catch let error as BenchError {
          if error == .interrupted { return .interrupted }
          let count = failures[combination, default: 0] + 1
          failures[combination] = count
          try report(
            .warning(
              Warning(
                count > 1 ? .modeUnavailable : .runFailed,
                "\(combination.mode.rawValue) with \(combination.workers) workers: \(error)")))
        }
      }
      // What fails twice fails always.
      active.removeAll { failures[$0, default: 0] > 1 }
      if round >= plan.repeats {
        active.removeAll { isSettled(rates[$0] ?? []) }
      }
      if active.isEmpty { return .complete }
    }
    for combination in active where plan.maximumRepeats > 1 {
      let width = Interval.mean(rates[combination] ?? [])?.relativeHalfWidth
      try report(
        .warning(
          Warning(
            .notSettled,
            "\(combination.mode.rawValue) with \(combination.workers) workers: ±"
              + (width.map { Format.percent($0) } ?? "unknown")
              + " after \(plan.maximumRepeats) runs")))
    }
    return .complete
  }

  /// One more run of each combination that has runs, its waits for locks traced.
  private func traceLocks(_ deadline: UInt64) throws -> Ending {
    guard let symbols = KernelSymbols(kernel) else {
      try report(.warning(Warning(.locksUntraced, "/proc/kallsyms hides its addresses")))
      return .complete
    }
    for (index, combination) in measured.enumerated() {
      if MonotonicClock.now() >= deadline { return .timeLimit }
      progress(combination, measured.count - index)
      do {
        var short = plan
        short.duration = min(plan.duration, 2)
        let trace = try LockTrace(symbols)
        let run = try Run(
          plan: short, combination: combination, round: 0, executable: executable
        ).measure(interruption, kernel)
        try report(
          .locks(
            LockRecord(
              mode: combination.mode, workers: combination.workers,
              transactions: run.load.counts.transactions, wait: trace.read())))
      } catch let error as BenchError {
        if error == .interrupted { return .interrupted }
        try report(.warning(Warning(.locksUntraced, "\(error)")))
        return .complete
      }
    }
    return .complete
  }

  private func isSettled(_ rates: [Double]) -> Bool {
    guard let interval = Interval.mean(rates) else { return plan.maximumRepeats == 1 }
    return interval.relativeHalfWidth < plan.precision
  }
}
