import Scaling

/// CPU time per transaction by cause; a bar a cause, an end below the other.
enum BreakdownChart {
  static func svg(_ breakdown: Breakdown) -> String {
    let rows = breakdown.ends.flatMap { end in
      end.causes.compactMap { share in
        breakdown.time(share.samples, end).map { (end: end, cause: share.of, time: $0) }
      }
    }
    let step = 22.0
    let bottom = Chart.top + 10 + step * Double(rows.count)
    var svg = SVG(
      width: Chart.width, height: bottom + 44, title: "CPU time per transaction by cause")
    let most = rows.map(\.time.microseconds).max() ?? 0
    guard most > 0 else { return svg.finished }
    let left = 240.0
    let x = Axis(upTo: most, pixels: (left, Chart.width - 60))
    for tick in x.ticks {
      svg.line(x(tick), Chart.top, x(tick), bottom, "grid")
      svg.label(Format.fixed(tick, most < 5 ? 1 : 0), x(tick), bottom + 18, .middle, "tick")
    }
    svg.label("µs per transaction", (left + Chart.width - 60) / 2, bottom + 36, .middle, "tick")
    for (row, (end, cause, time)) in rows.enumerated() {
      let y = Chart.top + 8 + step * Double(row)
      let name = "\(BreakdownText.name(end)): \(cause.title)"
      let text = Format.fixed(time.microseconds, 2)
      svg.label(name, left - 10, y + 13, .end)
      svg.bar(
        left, y, x(time.microseconds) - left, 16, end.kind == .load ? "system" : "user",
        hint: "\(name), \(text) µs: \(cause.meaning)")
      svg.label(text, x(time.microseconds) + 6, y + 13, .start, "tick")
    }
    return svg.finished
  }
}
