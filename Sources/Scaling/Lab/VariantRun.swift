/// Runs of one plan by itself, each in a state of the host that is named for it; however a run ends,
/// the host is put back.
package struct VariantRun {
  package let plan: SweepPlan
  private let executable: String
  private let interruption: Interruption
  /// Puts the host into a variant's state; nil where the halves do so in their own namespaces.
  private let staging: (any Staging)?

  package init(
    _ plan: SweepPlan, executable: String, _ interruption: Interruption,
    staging: (any Staging)? = nil
  ) {
    self.plan = plan
    self.executable = executable
    self.interruption = interruption
    self.staging = staging
  }

  /// Of the plan's first mode and number of workers.
  package func measure(
    _ variant: String, round: Int, observer: (any RunObserver)? = nil
  ) throws -> RunRecord {
    guard var combination = plan.combinations.first else { throw BenchError("nothing to run") }
    combination.variant = variant
    return try measure(combination, round, observer: observer)
  }

  func measure(
    _ combination: SweepPlan.Combination, _ round: Int, observer: (any RunObserver)? = nil,
    tracesStages: Bool = false
  ) throws -> RunRecord {
    let run = Run(
      plan: plan, combination: combination, round: round, executable: executable,
      observer: observer, tracesStages: tracesStages)
    guard let staging, let variant = combination.variant else {
      return try run.measure(interruption)
    }
    let changes = try staging.set(variant)
    var record: RunRecord
    do { record = try run.measure(interruption) } catch {
      try staging.reset()
      throw error
    }
    try staging.reset()
    record.changes = changes
    return record
  }
}
