package import KernelIO

/// Makes the runs that a breakdown is made of: one that is sampled, one whose events are counted.
package struct BreakdownRun {
  /// Of one mode and one number of workers, in namespaces.
  package var plan: SweepPlan
  package var executable: String
  package var interruption: Interruption
  package var kernel: LiveKernel

  package init(
    _ plan: SweepPlan, executable: String, interruption: Interruption, kernel: LiveKernel
  ) {
    self.plan = plan
    self.executable = executable
    self.interruption = interruption
    self.kernel = kernel
  }

  /// What interrupts of an idle CPU take is not sampled: some 20 µs in a virtual machine, where each
  /// moment that is due is one, and a wake-up for each packet.
  private static let unsampledLimit = 0.15

  /// Seconds of the run whose events are counted.
  private static let countedFor = 1.0

  /// - Returns: the breakdown, and what of it lacks.
  package func make() throws(BenchError) -> (breakdown: Breakdown, warnings: [Warning]) {
    try plan.check()
    let sampler = try RunSampler(plan, kernel)
    let record = try run(plan, sampler)
    var breakdown = Breakdown(
      exchange: plan.exchange, run: record, frequency: sampler.frequency,
      seconds: sampler.seconds, ends: sampler.tally?.result ?? [], lost: sampler.tally?.lost ?? 0,
      throttled: sampler.tally?.throttled ?? 0)
    var warnings = record.warnings
    let foreign = breakdown.ends.map { Double($0.foreign) / Double(max(1, $0.samples)) }.max() ?? 0
    if foreign > RunCheck.otherLimit, !warnings.contains(where: { $0.code == .otherLoad }) {
      warnings.append(
        Warning(.otherLoad, "\(Format.percent(foreign, 0)) of an end's CPU time"))
    }
    if !sampler.isWhole { warnings.append(Warning(.samplesLost, "records made no sense")) }
    if breakdown.lost > 0 {
      warnings.append(Warning(.samplesLost, "\(breakdown.lost) found no room"))
    }
    // An idle CPU has no tick, which lifts the kernel's limit, and is of no concern.
    let unsampled = breakdown.ends.compactMap(breakdown.unsampledShare).max() ?? 0
    if unsampled > Self.unsampledLimit {
      warnings.append(
        Warning(
          .samplesLost,
          "\(Format.percent(unsampled, 0)) of an end's time was busy and has none; the kernel "
            + "paused \(breakdown.throttled) times"))
    }
    if let excess = breakdown.ends.compactMap(breakdown.excess).max() {
      warnings.append(
        Warning(.samplesLate, "\(Format.percent(excess, 0)) more time than an end's CPUs were busy")
      )
    }
    do throws(BenchError) {
      let counter = try TransactionCounter(kernel)
      var short = plan
      short.duration = min(plan.duration, Self.countedFor)
      breakdown.counts = counter.result(try run(short, counter))
    } catch {
      if error == .interrupted { throw error }
      warnings.append(Warning(.uncounted, "\(error)"))
    }
    return (breakdown, warnings)
  }

  private func run(_ plan: SweepPlan, _ observer: any RunObserver) throws(BenchError) -> RunRecord {
    guard let combination = plan.combinations.first else {
      throw BenchError("nothing to run")
    }
    return try Run(
      plan: plan, combination: combination, round: 1, executable: executable, observer: observer
    ).measure(interruption)
  }
}
