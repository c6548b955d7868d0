package import KernelIO

/// All runs of a plan, interleaved, until the intervals are narrow or a bound is met.
package final class Sweep {
  package enum Ending: Hashable, Sendable {
    /// Every interval is narrow enough, or every round made.
    case complete
    case timeLimit
    case interrupted
  }

  private let plan: SweepPlan
  /// Combinations with at least one run.
  private var measured: [SweepPlan.Combination] = []
  private let executable: String
  private let interruption: Interruption
  private let kernel: LiveKernel
  /// Told of each result as it comes.
  private let report: (ResultsFile.Line) throws -> Void
  /// Told before each run: which, and how many are certain to follow.
  private let progress: (SweepPlan.Combination, Int) -> Void
  /// Puts the host into a variant's state; nil where the halves do so in their own namespaces.
  private let staging: (any Staging)?

  package init(
    _ plan: SweepPlan, executable: String, interruption: Interruption, kernel: LiveKernel,
    staging: (any Staging)? = nil,
    progress: @escaping (SweepPlan.Combination, Int) -> Void,
    report: @escaping (ResultsFile.Line) throws -> Void
  ) throws(BenchError) {
    try plan.check()
    self.plan = plan
    self.executable = executable
    self.interruption = interruption
    self.kernel = kernel
    self.staging = staging
    self.progress = progress
    self.report = report
  }

  /// The host's settings as the plan's runs have them: in the place of those that a network
  /// namespace has of its own, these.
  package static func settings(
    _ host: Machine, _ plan: SweepPlan, executable: String, _ interruption: Interruption
  ) throws(BenchError) -> [String: String] {
    guard plan.network == .namespaces else { return host.settings }
    return host.settings.merging(try Run.settings(executable, interruption)) { $1 }
  }

  package func run() throws -> Ending {
    let deadline = MonotonicClock.now() &+ Window.nanoseconds(plan.timeLimit)
    var ending = try measure(deadline)
    if ending == .complete && plan.tracesLocks { ending = try traceLocks(deadline) }
    if ending == .complete && plan.tracesStages == true { ending = try traceStages(deadline) }
    if ending == .complete && plan.bypass != nil { ending = try countTransactions(deadline) }
    return ending
  }

  private func measure(_ deadline: UInt64) throws -> Ending {
    var rates: [SweepPlan.Combination: [Int: Double]] = [:]
    var active = plan.combinations
    var failures: [SweepPlan.Combination: Int] = [:]
    for round in 1...plan.maximumRepeats {
      let combinations = plan.round(round, of: active)
      for (index, combination) in combinations.enumerated() {
        if MonotonicClock.now() >= deadline { return .timeLimit }
        progress(
          combination,
          combinations.count - index + max(0, plan.repeats - round) * active.count)
        do {
          let record = try run(plan, combination, round)
          rates[combination, default: [:]][round] = record.rate
          failures[combination] = nil
          if !measured.contains(combination) { measured.append(combination) }
          try report(.run(record))
        } catch let error as BenchError {
          if error == .interrupted { return .interrupted }
          if error.isFinal { throw error }
          let count = failures[combination, default: 0] + 1
          failures[combination] = count
          let isUnavailable = count > 1 && !measured.contains(combination)
          let end = count > 1 && !isUnavailable ? ", twice in a row: no more runs are made" : ""
          try report(
            .warning(
              Warning(
                isUnavailable ? .modeUnavailable : .runFailed,
                "\(combination.name): \(error)\(end)")))
        }
      }
      // What fails twice in a row fails always.
      active.removeAll { failures[$0, default: 0] > 1 }
      if round >= plan.repeats {
        let settled = active.filter { isSettled($0, rates) }
        active.removeAll { settled.contains($0) }
      }
      if active.isEmpty { return .complete }
    }
    for combination in active where plan.maximumRepeats > 1 {
      let width = precision(combination, rates)
      try report(
        .warning(
          Warning(
            .notSettled,
            "\(combination.name): ±"
              + (width.map { Format.percent($0) } ?? "unknown")
              + " after \(plan.maximumRepeats) runs")))
    }
    return .complete
  }

  private func traceLocks(_ deadline: UInt64) throws -> Ending {
    guard let symbols = KernelSymbols(kernel) else {
      try report(.warning(Warning(.locksUntraced, "/proc/kallsyms hides its addresses")))
      return .complete
    }
    let types = try? kernel.types()
    return try lookAtEach(deadline, failing: .locksUntraced) { short, combination in
      let trace = try LockTrace(symbols, types)
      let run = try run(short, combination, 0)
      return .locks(
        LockRecord(
          mode: combination.mode, workers: combination.workers,
          transactions: run.load.counts.transactions, wait: trace.read(),
          listener: ListenerLocks(trace, run, plan.exchange.workload)))
    }
  }

  private func traceStages(_ deadline: UInt64) throws -> Ending {
    try lookAtEach(deadline, failing: .stagesUntraced) { short, combination in
      guard let split = try run(short, combination, 0, tracesStages: true).server.stages else {
        throw BenchError("the server traced nothing")
      }
      return .stages(
        StageRecord(mode: combination.mode, workers: combination.workers, split: split))
    }
  }

  private func countTransactions(_ deadline: UInt64) throws -> Ending {
    try lookAtEach(deadline, for: 1, failing: .uncounted) { short, combination in
      let counter = try TransactionCounter(kernel)
      let counts = counter.result(try run(short, combination, 0, observer: counter))
      return .counts(
        CountRecord(mode: combination.mode, workers: combination.workers, counts: counts))
    }
  }

  /// One more run of each combination that has runs, looked at otherwise than by the clock; kept
  /// short, as that takes time of its own. What fails for the first fails for all.
  private func lookAtEach(
    _ deadline: UInt64, for seconds: Double = 2, failing: Warning.Code,
    _ look: (SweepPlan, SweepPlan.Combination) throws -> ResultsFile.Line
  ) throws -> Ending {
    var short = plan
    short.duration = min(plan.duration, seconds)
    var hasWorked = false
    for (index, combination) in measured.enumerated() {
      if MonotonicClock.now() >= deadline { return .timeLimit }
      progress(combination, measured.count - index)
      do {
        try report(look(short, combination))
        hasWorked = true
      } catch let error as BenchError {
        if error == .interrupted { return .interrupted }
        try report(
          .warning(Warning(failing, hasWorked ? "\(combination.name): \(error)" : "\(error)")))
        if !hasWorked { return .complete }
      }
    }
    return .complete
  }

  private func run(
    _ plan: SweepPlan, _ combination: SweepPlan.Combination, _ round: Int,
    observer: (any RunObserver)? = nil, tracesStages: Bool = false
  ) throws -> RunRecord {
    try VariantRun(plan, executable: executable, interruption, staging: staging)
      .measure(combination, round, observer: observer, tracesStages: tracesStages)
  }

  private func isSettled(
    _ combination: SweepPlan.Combination, _ rates: [SweepPlan.Combination: [Int: Double]]
  ) -> Bool {
    guard let width = precision(combination, rates) else { return plan.maximumRepeats == 1 }
    return width < plan.precision
  }

  /// Half the interval as a share of the estimate: of a mode's rate, or where variants or backends
  /// are held against each other, of the widest of their ratios. How wide it is does not depend on who
  /// leads, so that stopping by it favours neither.
  private func precision(
    _ combination: SweepPlan.Combination, _ rates: [SweepPlan.Combination: [Int: Double]]
  ) -> Double? {
    let rivals = rivals(combination)
    guard rivals.count > 1 else {
      return Interval.mean((rates[combination] ?? [:]).sorted { $0.key < $1.key }.map(\.value))?
        .relativeHalfWidth
    }
    let base = rates[rivals[0]] ?? [:]
    var widest: Double?
    for rival in rivals.dropFirst() {
      let pairs = (rates[rival] ?? [:]).sorted { $0.key < $1.key }
        .compactMap { round, rate in base[round].map { (rate, $0) } }
      guard let ratio = Interval.pairedRatio(pairs) else { return nil }
      widest = max(widest ?? 0, ratio.relativeHalfWidth)
    }
    return widest
  }

  /// What a combination is held against, the measure of the others first; one where there is
  /// nothing.
  private func rivals(_ combination: SweepPlan.Combination) -> [SweepPlan.Combination] {
    if let variants = plan.variants {
      return variants.map { variant in
        var other = combination
        other.variant = variant
        return other
      }
    }
    guard plan.bypass != nil else { return [combination] }
    // What this kernel refuses settles nothing.
    return plan.combinations.filter { $0.workers == combination.workers && measured.contains($0) }
  }
}
