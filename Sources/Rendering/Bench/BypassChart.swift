import Scaling

/// Ratios to the kernel's sockets with their intervals: a line each, by figure.
enum BypassChart {
  static func svg(_ verdict: BypassVerdict, _ summaries: [ModeSummary]) -> String {
    let groups = BypassVerdict.Figure.allCases.map { figure in
      (figure, verdict.rows.compactMap { row in row.ratio(figure).map { (row, $0) } })
    }.filter { !$0.1.isEmpty }
    let step = 20.0
    let lines = groups.reduce(0) { $0 + $1.1.count + 1 }
    let bottom = Chart.top + 10 + step * Double(lines)
    var svg = SVG(
      width: Chart.width, height: bottom + 44, title: "Ratios to \(verdict.baseline.name)")
    let farthest = groups.flatMap(\.1).map { shown($0.1).high }.max()
    guard let farthest else { return "" }
    let (left, right) = (150.0, Chart.width - 150)
    let x = Axis(upTo: max(farthest, 1), pixels: (left, right))
    for tick in x.ticks {
      svg.line(x(tick), Chart.top, x(tick), bottom, "grid")
      svg.label(Format.fixed(tick, 1), x(tick), bottom + 18, .middle, "tick")
    }
    svg.line(x(1), Chart.top, x(1), bottom, "even")
    svg.label(
      "times \(verdict.baseline.name)", (left + right) / 2, bottom + 36, .middle, "tick")
    var y = Chart.top
    for (figure, rows) in groups {
      y += step
      svg.label(BypassText.name(figure), left + 6, y - 4, .start, "tick")
      for (row, ratio) in rows {
        y += step
        draw(row, ratio, at: y - step / 2, x, summaries, &svg)
        svg.label(row.name, left - 10, y - step / 2 + 4, .end)
        svg.label(ComparisonText.text(ratio), right + 10, y - step / 2 + 4, .start, "tick")
      }
    }
    return svg.finished
  }

  private static func draw(
    _ row: BypassVerdict.Row, _ ratio: Interval, at y: Double, _ x: Axis,
    _ summaries: [ModeSummary], _ svg: inout SVG
  ) {
    guard let style = summaries.first(where: { $0.mode == row.mode }).map(Chart.style) else {
      return
    }
    let shown = shown(ratio)
    svg.line(x(shown.low), y, x(shown.high), y, "line \(style)")
    svg.dot(
      x(shown.estimate), y, "dot \(style)", hint: "\(row.name): \(ComparisonText.text(ratio))")
  }

  /// Few rounds have intervals that would leave no room for anything else.
  private static func shown(_ ratio: Interval) -> Interval {
    Interval(
      min(ratio.estimate, 10), max(0, ratio.low), min(ratio.high, 2 * ratio.estimate, 10))
  }
}
