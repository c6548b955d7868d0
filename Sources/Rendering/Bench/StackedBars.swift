import Scaling

/// Parts that add up, side by side in a bar, one bar a row.
struct StackedBars {
  struct Part {
    /// In the legend.
    var name: String
    /// The class that colours it.
    var style: String
  }

  struct Row {
    var label: String
    /// In the order of `parts`, in the axis's unit.
    var values: [Double]
    /// Of each part.
    var hints: [String]
  }

  var title: String
  var unit: String
  var parts: [Part]
  var rows: [Row]

  private static let left = 130.0
  /// Of the legend.
  private static let partsPerLine = 6

  var svg: String {
    let legend = 18 * Double((parts.count - 1) / Self.partsPerLine)
    let step = 26.0
    let top = Chart.top + legend
    let bottom = top + 30 + step * Double(rows.count)
    var svg = SVG(width: Chart.width, height: bottom + 44, title: title)
    let most = rows.map { $0.values.reduce(0, +) }.max() ?? 0
    guard most > 0 else { return svg.finished }
    let x = Axis(upTo: most, pixels: (Self.left, Chart.width - 60))
    drawLegend(&svg)
    for tick in x.ticks {
      svg.line(x(tick), top + 22, x(tick), bottom, "grid")
      svg.label(Format.fixed(tick, most < 5 ? 1 : 0), x(tick), bottom + 18, .middle, "tick")
    }
    svg.label(unit, (Self.left + Chart.width - 60) / 2, bottom + 36, .middle, "tick")
    for (index, row) in rows.enumerated() {
      let y = top + 28 + step * Double(index)
      svg.label(row.label, Self.left - 10, y + 14, .end)
      var at = 0.0
      for ((part, value), hint) in zip(zip(parts, row.values), row.hints) {
        svg.bar(x(at), y, x(at + value) - x(at), 18, part.style, hint: hint)
        at += value
      }
      svg.label(Format.fixed(at, 1), x(at) + 6, y + 14, .start, "tick")
    }
    return svg.finished
  }

  private func drawLegend(_ svg: inout SVG) {
    for (index, part) in parts.enumerated() {
      let (line, column) = index.quotientAndRemainder(dividingBy: Self.partsPerLine)
      let (x, y) = (Self.left + 90 * Double(column), Chart.top + 18 * Double(line))
      svg.bar(x, y - 6, 12, 12, part.style, hint: part.name)
      svg.label(part.name, x + 17, y + 4, .start, "tick")
    }
  }
}
