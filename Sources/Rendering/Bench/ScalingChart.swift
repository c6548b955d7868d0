import Scaling

/// Transactions a second by workers: points, confidence bands, and the fitted laws.
enum ScalingChart {
  static func svg(_ summaries: [ModeSummary]) -> String {
    let bottom = 300.0
    var svg = SVG(width: Chart.width, height: 344, title: "Transactions a second by workers")
    let counts = Set(summaries.map(\.workers)).sorted()
    guard let first = counts.first, let last = counts.last else { return svg.finished }
    let most = summaries.map { min($0.rate?.high ?? $0.meanRate, 2 * $0.meanRate) }.max() ?? 1
    let y = Axis(upTo: most, pixels: (bottom, Chart.top + 8))
    let x = Axis(
      over: Double(first)...Double(last), ticks: counts.map { Double($0) },
      pixels: (Chart.left + 24, Chart.right - 24))
    Chart.grid(&svg, y, bottom: bottom, "transactions/s") { Format.rate($0) }
    for tick in x.ticks {
      svg.label(Format.fixed(tick, 0), x(tick), bottom + 20, .middle, "tick")
    }
    svg.label("workers", (Chart.left + Chart.right) / 2, bottom + 38, .middle, "tick")
    var ends: [(summary: ModeSummary, y: Double)] = []
    for line in ModeSummary.lines(summaries) {
      draw(line, &svg, x, y)
      if let end = line.last { ends.append((end, y(end.meanRate))) }
    }
    Chart.names(&svg, ends, bottom: bottom)
    return svg.finished
  }

  private static func draw(_ line: [ModeSummary], _ svg: inout SVG, _ x: Axis, _ y: Axis) {
    guard let style = line.first.map(Chart.style) else { return }
    func place(_ summary: ModeSummary, _ value: Double) -> (Double, Double) {
      (x(Double(summary.workers)), y(max(0, min(value, y.ticks.last ?? value))))
    }
    if line.count > 1 {
      let upper = line.map { place($0, $0.rate?.high ?? $0.meanRate) }
      let lower = line.map { place($0, $0.rate?.low ?? $0.meanRate) }
      svg.path(upper + lower.reversed(), closed: true, "band \(style)")
      svg.path(line.map { place($0, $0.meanRate) }, "line \(style)")
      drawLaw(line, &svg, x, y)
    }
    for summary in line {
      let point = place(summary, summary.meanRate)
      if line.count == 1, let rate = summary.rate {
        svg.line(
          point.0, place(summary, rate.low).1, point.0, place(summary, rate.high).1,
          "line \(style)")
      }
      svg.dot(
        point.0, point.1, "dot \(style)",
        hint: "\(summary.name), \(summary.workers) workers: \(Format.rate(summary.meanRate))/s"
          + (summary.rate.map { " ±\(Format.percent($0.relativeHalfWidth))" } ?? ""))
    }
  }

  private static func drawLaw(_ line: [ModeSummary], _ svg: inout SVG, _ x: Axis, _ y: Axis) {
    let fitted = line.filter(\.hasCPUs)
    guard fitted.count >= 3, let law = ScalingLaw(fitting: fitted.flatMap(\.points)),
      let style = line.first.map(Chart.style), let first = fitted.first?.workers,
      let last = fitted.last?.workers
    else { return }
    let steps = (0...40).map { Double(first) + Double(last - first) * Double($0) / 40 }
    svg.path(steps.map { (x($0), y(law.rate($0))) }, "law \(style)")
  }
}
