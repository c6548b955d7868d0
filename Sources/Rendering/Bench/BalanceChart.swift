import Scaling

/// How connections fell on workers: a bar for each worker's share, beside an even one.
enum BalanceChart {
  static func svg(_ summaries: [ModeSummary]) -> String {
    let rows = summaries.filter { $0.workers > 1 }.compactMap { summary in
      shares(summary).map { (summary, $0) }
    }
    let step = 44.0
    let bottom = Chart.top + 10 + step * Double(rows.count)
    var svg = SVG(
      width: Chart.width, height: bottom + 40, title: "Connections accepted by each worker")
    guard let most = rows.flatMap(\.1).max(), most > 0 else { return svg.finished }
    let left = 130.0
    let right = Chart.width - 190
    for (row, entry) in rows.enumerated() {
      let (summary, shares) = entry
      let base = Chart.top + step * Double(row + 1)
      let height = step - 14
      svg.label(Chart.label(summary), left - 10, base - 8, .end)
      let width = (right - left) / Double(shares.count)
      for (worker, share) in shares.enumerated() {
        let tall = share / most * height
        svg.bar(
          left + width * Double(worker) + width * 0.1, base - tall, width * 0.8, tall,
          "share \(Chart.style(summary))",
          hint: "\(summary.name), worker \(worker): \(Format.percent(share))")
      }
      let even = base - height / Double(shares.count) / most
      svg.line(left, even, right, even, "even")
      svg.label(note(summary), right + 10, base - 8, .start, "tick")
    }
    svg.label(
      "one bar a worker; the dashed line is an even share", (left + right) / 2, bottom + 22,
      .middle, "tick")
    return svg.finished
  }

  /// Each worker's part of all connections, over all runs.
  private static func shares(_ summary: ModeSummary) -> [Double]? {
    var sums = [Double](repeating: 0, count: summary.workers)
    for run in summary.runs where run.server.total.count == summary.workers {
      for (worker, counts) in run.server.total.enumerated() {
        sums[worker] += Double(counts.accepted)
      }
    }
    let all = sums.reduce(0, +)
    return all > 0 ? sums.map { $0 / all } : nil
  }

  private static func note(_ summary: ModeSummary) -> String {
    let jain = summary.mean { $0.derived.balance?.jain }
    let chance = summary.median { $0.derived.balance?.probability }
    return "Jain \(jain.map { Format.fixed($0, 3) } ?? "–"), χ² p "
      + (chance.map { $0 < 0.001 ? "< 0.001" : Format.fixed($0, 3) } ?? "–")
  }
}
