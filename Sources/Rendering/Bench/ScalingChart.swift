import Scaling

/// A figure by workers: points, confidence bands, and where it has a law that law.
struct ScalingChart {
  private let title: String
  private let unit: String
  private let estimate: @Sendable (ModeSummary) -> Double?
  private let interval: @Sendable (ModeSummary) -> Interval?
  private let text: @Sendable (Double) -> String
  /// What follows the number in a hint.
  private let suffix: String
  private let hasLaw: Bool

  static let throughput = ScalingChart(
    title: "Transactions a second by workers", unit: "transactions/s",
    estimate: { $0.meanRate }, interval: { $0.rate }, text: { Format.rate($0) },
    suffix: "/s", hasLaw: true)

  static let processorTime = ScalingChart(
    title: "CPU time per transaction by workers", unit: "µs of CPU per transaction",
    estimate: { $0.mean(\.derived.cpu) }, interval: { $0.cpu },
    text: { Format.fixed($0, $0 < 10 ? 1 : 0) }, suffix: " µs", hasLaw: false)

  func svg(_ summaries: [ModeSummary]) -> String {
    let bottom = 300.0
    var svg = SVG(width: Chart.width, height: 344, title: title)
    let summaries = summaries.filter { estimate($0) != nil }
    let counts = Set(summaries.map(\.workers)).sorted()
    guard let first = counts.first, let last = counts.last else { return svg.finished }
    let most = summaries.map { min(high($0), 2 * middle($0)) }.max() ?? 1
    let y = Axis(upTo: most, pixels: (bottom, Chart.top + 8))
    let x = Axis(
      over: Double(first)...Double(last), ticks: counts.map { Double($0) },
      pixels: (Chart.left + 24, Chart.right - 24))
    Chart.grid(&svg, y, bottom: bottom, unit, text)
    for tick in x.ticks {
      svg.label(Format.fixed(tick, 0), x(tick), bottom + 20, .middle, "tick")
    }
    svg.label("workers", (Chart.left + Chart.right) / 2, bottom + 38, .middle, "tick")
    var ends: [(summary: ModeSummary, y: Double)] = []
    for line in ModeSummary.lines(summaries) {
      draw(line, &svg, x, y)
      if let end = line.last { ends.append((end, y(middle(end)))) }
    }
    Chart.names(&svg, ends, bottom: bottom)
    return svg.finished
  }

  private func middle(_ summary: ModeSummary) -> Double { estimate(summary) ?? 0 }
  private func low(_ summary: ModeSummary) -> Double { interval(summary)?.low ?? middle(summary) }
  private func high(_ summary: ModeSummary) -> Double { interval(summary)?.high ?? middle(summary) }

  private func draw(_ line: [ModeSummary], _ svg: inout SVG, _ x: Axis, _ y: Axis) {
    guard let style = line.first.map(Chart.style) else { return }
    func place(_ summary: ModeSummary, _ value: Double) -> (Double, Double) {
      (x(Double(summary.workers)), y(max(0, min(value, y.ticks.last ?? value))))
    }
    if line.count > 1 {
      let upper = line.map { place($0, high($0)) }
      let lower = line.map { place($0, low($0)) }
      svg.path(upper + lower.reversed(), closed: true, "band \(style)")
      svg.path(line.map { place($0, middle($0)) }, "line \(style)")
      if hasLaw { drawLaw(line, &svg, x, y) }
    }
    for summary in line {
      let point = place(summary, middle(summary))
      let interval = interval(summary)
      if line.count == 1, let interval {
        svg.line(
          point.0, place(summary, interval.low).1, point.0, place(summary, interval.high).1,
          "line \(style)")
      }
      svg.dot(
        point.0, point.1, "dot \(style)",
        hint: "\(summary.name), \(summary.workers) workers: \(text(middle(summary)))\(suffix)"
          + (interval.map { " ±\(Format.percent($0.relativeHalfWidth))" } ?? ""))
    }
  }

  private func drawLaw(_ line: [ModeSummary], _ svg: inout SVG, _ x: Axis, _ y: Axis) {
    let fitted = line.filter(\.hasCPUs)
    guard fitted.count >= 3, let law = ScalingLaw(fitting: fitted.flatMap(\.points)),
      let style = line.first.map(Chart.style), let first = fitted.first?.workers,
      let last = fitted.last?.workers
    else { return }
    let steps = (0...40).map { Double(first) + Double(last - first) * Double($0) / 40 }
    svg.path(steps.map { (x($0), y(law.rate($0))) }, "law \(style)")
  }
}
