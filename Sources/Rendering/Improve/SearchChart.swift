import Glibc
import Scaling

/// Intervals of a search.
enum SearchChart {
  /// Colours tell those that gain, those that lose, and the rest.
  static let styleSheet = """
    .gains { color: #009e73; } .loses { color: #d55e00; } .rest { color: var(--soft); }

    """

  private static func style(_ fate: SearchOutcome.Fate) -> String {
    switch fate {
    case .gains: "gains"
    case .loses, .harmed: "loses"
    case .noGain, .undecided, .failed, .inapplicable: "rest"
    }
  }

  /// Beyond it an interval goes on over the edge.
  private static let widest = 50.0

  private static func percent(_ ratio: Double) -> Double { (ratio - 1) * 100 }

  /// A row a candidate: its interval, and no gain as a dashed line.
  static func candidates(_ report: SearchReport) -> String {
    let rows = report.outcome.rows.compactMap { row in row.gain.map { (row, $0) } }
    guard !rows.isEmpty else { return "" }
    let step = 22.0
    let bottom = Chart.top + step * Double(rows.count)
    var svg = SVG(width: Chart.width, height: bottom + 44, title: "Gain of every candidate")
    let (left, right) = (250.0, Chart.width - 200)
    let reach =
      rows.flatMap { [abs(percent($0.1.low)), abs(percent($0.1.high))] }
      .filter { $0.isFinite && $0 <= widest }.max() ?? widest
    let half = Axis(upTo: max(reach, 0.5), pixels: (0, 1)).ticks
    guard let end = half.last else { return "" }
    let x = Axis(
      over: -end...end, ticks: half.dropFirst().reversed().map { -$0 } + half,
      pixels: (left, right))
    for tick in x.ticks {
      svg.line(x(tick), Chart.top, x(tick), bottom, tick == 0 ? "even" : "grid")
      svg.label(Format.fixed(tick, end < 3 ? 1 : 0), x(tick), bottom + 18, .middle, "tick")
    }
    svg.label(
      "\(SearchText.figure(report.plan.goal)) better by, %", (left + right) / 2, bottom + 36,
      .middle,
      "tick")
    for (index, (row, gain)) in rows.enumerated() {
      let y = Chart.top + step * (Double(index) + 0.5)
      let name = report.plan.candidates[row.candidate].name
      let style = style(row.fate)
      func at(_ ratio: Double) -> Double {
        let value = percent(ratio)
        return x(value.isFinite ? min(max(value, -end), end) : value < 0 ? -end : end)
      }
      svg.line(at(gain.low), y, at(gain.high), y, "line \(style)")
      let figures = SearchText.percent(gain) ?? "too few rounds"
      svg.dot(at(gain.estimate), y, "dot \(style)", hint: "\(name): \(figures)")
      svg.label(short(name, 34), left - 10, y + 4, .end)
      svg.label(figures, right + 10, y + 4, .start, "tick")
    }
    return svg.finished
  }

  /// Its end tells names apart.
  private static func short(_ name: String, _ room: Int) -> String {
    name.count > room ? "…" + name.suffix(room - 1) : name
  }

  /// A dot a round, the mean's interval as a band.
  static func duel(_ report: SearchReport) -> String {
    guard let duel = report.outcome.duel else { return "" }
    let bottom = 240.0
    var svg = SVG(width: Chart.width, height: 284, title: "Rounds of the winner against the base")
    let reach =
      (duel.ratios + [duel.gain.low, duel.gain.high]).map { abs(percent($0)) }
      .filter(\.isFinite).max() ?? 1
    let half = Axis(upTo: max(reach, 0.5), pixels: (0, 1)).ticks
    guard let end = half.last else { return "" }
    let y = Axis(
      over: -end...end, ticks: half.dropFirst().reversed().map { -$0 } + half,
      pixels: (bottom, Chart.top + 8))
    Chart.grid(&svg, y, bottom: bottom, "better by, %") { Format.fixed($0, end < 3 ? 1 : 0) }
    let x = Axis(
      over: 0...Double(duel.rounds + 1), ticks: [], pixels: (Chart.left, Chart.right))
    let (low, high) = (y(percent(duel.gain.low)), y(percent(duel.gain.high)))
    svg.path(
      [(Chart.left, low), (Chart.right, low), (Chart.right, high), (Chart.left, high)],
      closed: true, "band gains")
    svg.line(Chart.left, y(0), Chart.right, y(0), "even")
    for (index, ratio) in duel.ratios.enumerated() where ratio.isFinite {
      svg.dot(
        x(Double(index + 1)), y(percent(ratio)), "dot gains",
        hint: "round \(index + 1): \(Format.fixed(percent(ratio), 1)) %")
    }
    svg.label(
      "\(Format.count(duel.rounds, "round"))", (Chart.left + Chart.right) / 2, bottom + 20, .middle,
      "tick")
    svg.label(
      SearchText.percent(duel.gain) ?? "", Chart.right + 10, y(percent(duel.gain.estimate)) + 4,
      .start, "tick")
    return svg.finished
  }
}
