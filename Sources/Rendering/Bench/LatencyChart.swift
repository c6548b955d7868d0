import Scaling

/// Latency percentiles of each mode, on a logarithmic scale.
enum LatencyChart {
  static func svg(_ summaries: [ModeSummary]) -> String {
    let bottom = 300.0
    var svg = SVG(width: Chart.width, height: 344, title: "Latency percentiles")
    let lines = summaries.map { summary in
      (
        summary,
        LatencySummary.percentiles.compactMap { percentile in
          summary.latency(percentile.value).map { $0 / 1000 }
        }
      )
    }.filter { $0.1.count == LatencySummary.percentiles.count }
    let values = lines.flatMap(\.1)
    guard let least = values.min(), let most = values.max() else { return svg.finished }
    let y = Axis(logarithmic: least...most, pixels: (bottom, Chart.top + 8))
    let names = LatencySummary.percentiles.map(\.name)
    let x = Axis(
      over: 0...Double(names.count - 1), ticks: names.indices.map { Double($0) },
      pixels: (Chart.left + 24, Chart.right - 24))
    Chart.grid(&svg, y, bottom: bottom, "latency") { text($0) }
    for (index, name) in names.enumerated() {
      svg.label(name, x(Double(index)), bottom + 20, .middle, "tick")
    }
    svg.label(
      "percentile, median of the runs", (Chart.left + Chart.right) / 2, bottom + 38, .middle,
      "tick")
    var ends: [(summary: ModeSummary, y: Double)] = []
    for (summary, latencies) in lines {
      let style = Chart.style(summary)
      let points = latencies.enumerated().map { (x(Double($0.offset)), y($0.element)) }
      svg.path(points, "line \(style)")
      for (index, point) in points.enumerated() {
        svg.dot(
          point.0, point.1, "dot \(style)",
          hint: "\(summary.name) \(names[index]): \(text(latencies[index]))")
      }
      if let end = points.last { ends.append((summary, end.1)) }
    }
    Chart.names(&svg, ends, bottom: bottom)
    return svg.finished
  }

  /// Microseconds for people.
  private static func text(_ microseconds: Double) -> String {
    switch microseconds {
    case 1e6...: Format.fixed(microseconds / 1e6, microseconds < 1e7 ? 1 : 0) + " s"
    case 1e3...: Format.fixed(microseconds / 1e3, microseconds < 1e4 ? 1 : 0) + " ms"
    default: Format.fixed(microseconds, microseconds < 10 ? 1 : 0) + " µs"
    }
  }
}
