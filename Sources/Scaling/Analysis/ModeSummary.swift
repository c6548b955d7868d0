/// All runs of one mode with one number of workers, taken together.
package struct ModeSummary: Hashable, Sendable {
  package var mode: ListenerMode
  package var workers: Int
  package var runs: [RunRecord]

  package init(_ mode: ListenerMode, _ workers: Int, _ runs: [RunRecord]) {
    self.mode = mode
    self.workers = workers
    self.runs = runs
  }

  /// One for each mode and number of workers that was run, in the order of `ListenerMode`.
  package static func all(_ runs: [RunRecord]) -> [ModeSummary] {
    ListenerMode.allCases.flatMap { mode in
      Dictionary(grouping: runs.filter { $0.mode == mode }, by: \.workers)
        .sorted { $0.key < $1.key }
        .map { ModeSummary(mode, $0.key, $0.value) }
    }
  }

  /// Transactions a second; nil interval with one run.
  package var meanRate: Double { mean(\.derived.rate) ?? 0 }
  package var rate: Interval? { Interval.mean(runs.map(\.derived.rate)) }

  /// The median over the runs of what each run's figure is; nil where no run has it.
  package func median(_ figure: (RunRecord) -> Double?) -> Double? {
    let values = runs.compactMap(figure).sorted()
    guard !values.isEmpty else { return nil }
    let middle = values.count / 2
    return values.count.isMultiple(of: 2)
      ? (values[middle - 1] + values[middle]) / 2 : values[middle]
  }

  package func mean(_ figure: (RunRecord) -> Double?) -> Double? {
    let values = runs.compactMap(figure)
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// Nanoseconds.
  package func latency(_ percentile: (LatencySummary) -> UInt64) -> Double? {
    median { $0.load.latency.map { Double(percentile($0)) } }
  }

  package func latencyInterval(_ percentile: (LatencySummary) -> UInt64) -> Interval? {
    Interval.mean(runs.compactMap { $0.load.latency.map { Double(percentile($0)) } })
  }

  /// Every worker had a CPU of its own; what happens beyond that is no law of scaling.
  package var hasCPUs: Bool { runs.allSatisfy { $0.serverCPUs.count >= $0.workers } }

  package var points: [ScalingLaw.Point] { runs.map { ScalingLaw.Point(workers, $0.rate) } }

  /// The law of one mode, over the numbers of workers that had CPUs.
  package static func fit(_ line: [ModeSummary]) -> ScalingFit? {
    ScalingFit(line.filter(\.hasCPUs).flatMap(\.points))
  }

  /// Pairs of a figure, this mode's and another's, of the rounds that have both.
  package func pairs(_ other: ModeSummary, _ figure: (RunRecord) -> Double?) -> [(Double, Double)] {
    runs.compactMap { run in
      guard let mine = figure(run),
        let partner = other.runs.first(where: { $0.round == run.round }),
        let its = figure(partner)
      else { return nil }
      return (mine, its)
    }
  }
}
