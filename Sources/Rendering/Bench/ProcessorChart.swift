import Scaling

/// CPU time per transaction over the whole host, split; one bar a mode.
enum ProcessorChart {
  /// The name is the class that colours it, too.
  private static let parts: [(name: String, value: @Sendable (RunRecord.HostCost) -> Double)] = [
    ("user", { $0.user }), ("system", { $0.system }), ("softirq", { $0.softirq }),
    ("steal", { $0.steal }),
  ]

  static func svg(_ summaries: [ModeSummary]) -> String {
    StackedBars(
      title: "CPU time per transaction, over the whole host", unit: "µs per transaction",
      parts: parts.map { StackedBars.Part(name: $0.name, style: $0.name) },
      rows: summaries.map { summary in
        let label = Chart.label(summary)
        let values = parts.map { part in summary.mean { $0.derived.host.map(part.value) } ?? 0 }
        return StackedBars.Row(
          label: label, values: values,
          hints: zip(parts, values).map { "\(label), \($0.name): \(Format.fixed($1, 1)) µs" })
      }
    ).svg
  }
}
