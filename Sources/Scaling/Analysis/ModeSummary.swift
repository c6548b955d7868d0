/// All runs of one mode with one number of workers, in one state of the host, taken together.
package struct ModeSummary: Hashable, Sendable {
  package var mode: ListenerMode
  package var workers: Int
  package var variant: String?
  /// The place of the variant in the plan.
  package var rank: Int
  package var runs: [RunRecord]

  /// One for each mode, variant and number of workers that was run: modes in the order of
  /// `ListenerMode`, variants in that of the plan.
  package static func all(_ results: Results) -> [ModeSummary] {
    let variants: [String?] = results.session?.plan.variants ?? [nil]
    return ListenerMode.known.flatMap { mode in
      variants.enumerated().flatMap { rank, variant in
        Dictionary(
          grouping: results.runs.filter { $0.mode == mode && $0.variant == variant }, by: \.workers
        )
        .sorted { $0.key < $1.key }
        .map {
          ModeSummary(mode: mode, workers: $0.key, variant: variant, rank: rank, runs: $0.value)
        }
      }
    }
  }

  /// The summaries of one mode in one state, for each: what a chart joins to a line.
  package static func lines(_ summaries: [ModeSummary]) -> [[ModeSummary]] {
    var names: [String] = []
    for summary in summaries where !names.contains(summary.name) { names.append(summary.name) }
    return names.map { name in summaries.filter { $0.name == name } }
  }

  /// The server is on another host: which mode it is in is not known.
  package var isRemote: Bool { runs.allSatisfy { $0.server.total.isEmpty } }

  /// "reuseport", "reuseport + latency"; of a server elsewhere "latency".
  package var name: String {
    guard let variant = variant.map(SweepPlan.label) else {
      return isRemote ? "remote" : mode.name
    }
    return isRemote ? variant : "\(mode.name) + \(variant)"
  }

  /// Transactions a second; nil interval with one run.
  package var meanRate: Double { mean(\.derived.rate) ?? 0 }
  package var rate: Interval? { Interval.mean(runs.map(\.derived.rate)) }

  /// CPU time of the whole host, µs a transaction.
  package var cpu: Interval? { Interval.mean(runs.compactMap(\.derived.cpu)) }

  package var measuredNothing: Bool { runs.allSatisfy { $0.rate == 0 } }

  /// In every run the server's CPUs were full and the client's were not.
  package var isCapacity: Bool { runs.allSatisfy(\.derived.isCapacity) }

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
