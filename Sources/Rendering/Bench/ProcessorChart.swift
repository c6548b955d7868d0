import Scaling

/// CPU time per transaction over the whole host, split; one bar a mode.
enum ProcessorChart {
  /// The name is the class that colours it, too.
  private static let parts: [(name: String, value: @Sendable (RunRecord.HostCost) -> Double)] = [
    ("user", { $0.user }), ("system", { $0.system }), ("softirq", { $0.softirq }),
    ("steal", { $0.steal }),
  ]

  static func svg(_ summaries: [ModeSummary]) -> String {
    let bars = summaries.map { summary in
      (
        Chart.label(summary),
        parts.map { part in summary.mean { $0.derived.host.map(part.value) } ?? 0 }
      )
    }
    let step = 26.0
    let bottom = Chart.top + 30 + step * Double(bars.count)
    var svg = SVG(
      width: Chart.width, height: bottom + 44,
      title: "CPU time per transaction, over the whole host")
    let most = bars.map { $0.1.reduce(0, +) }.max() ?? 0
    guard most > 0 else { return svg.finished }
    let left = 130.0
    let x = Axis(upTo: most, pixels: (left, Chart.width - 60))
    legend(&svg, left)
    for tick in x.ticks {
      svg.line(x(tick), Chart.top + 22, x(tick), bottom, "grid")
      svg.label(Format.fixed(tick, most < 5 ? 1 : 0), x(tick), bottom + 18, .middle, "tick")
    }
    svg.label("µs per transaction", (left + Chart.width - 60) / 2, bottom + 36, .middle, "tick")
    for (row, bar) in bars.enumerated() {
      let y = Chart.top + 28 + step * Double(row)
      svg.label(bar.0, left - 10, y + 14, .end)
      var at = 0.0
      for (part, value) in zip(parts, bar.1) {
        svg.bar(
          x(at), y, x(at + value) - x(at), 18, part.name,
          hint: "\(bar.0), \(part.name): \(Format.fixed(value, 1)) µs")
        at += value
      }
      svg.label(Format.fixed(at, 1), x(at) + 6, y + 14, .start, "tick")
    }
    return svg.finished
  }

  private static func legend(_ svg: inout SVG, _ left: Double) {
    var x = left
    for part in parts {
      svg.bar(x, Chart.top - 6, 12, 12, part.name, hint: part.name)
      svg.label(part.name, x + 17, Chart.top + 4, .start, "tick")
      x += 90
    }
  }
}
