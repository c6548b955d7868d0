import Scaling

/// What the charts of the benchmark page share: their frame, and a colour for each mode.
struct Chart {
  static let width = 760.0
  static let left = 64.0
  static let right = 620.0
  static let top = 14.0

  /// The class that colours a mode in one state of the host; the same in every chart.
  static func style(_ summary: ModeSummary) -> String {
    "m\(index(summary))"
  }

  /// Of the state that changes nothing, the mode's place in the list.
  private static func index(_ summary: ModeSummary) -> Int {
    let mode = ListenerMode.known.firstIndex(of: summary.mode) ?? 0
    return summary.rank == 0 ? mode : (mode + 3 * summary.rank) % colours.count
  }

  /// Okabe and Ito's, which the colour-blind can tell apart; the eighth is black or white.
  private static let colours = [
    "#0072b2", "#e69f00", "#d55e00", "#cc79a7", "#009e73", "#56b4e9", "#a89a00", "var(--last)",
  ]

  /// Beyond the eighth, hues that lie far apart.
  static func colour(_ index: Int) -> String {
    index < colours.count ? colours[index] : "hsl(\(index * 137 % 360) 55% 50%)"
  }

  static func styleSheet(_ summaries: [ModeSummary]) -> String {
    Set(summaries.map(index)).sorted().map { ".m\($0) { color: \(colour($0)); }\n" }.joined()
  }

  /// Its name, or where there is no room for that its profile's; the end tells those apart.
  static func label(_ summary: ModeSummary) -> String {
    let room = 18
    if summary.name.count <= room { return summary.name }
    let name = summary.variant.map(SweepPlan.label) ?? summary.name
    return name.count <= room ? name : "…" + name.suffix(room - 1)
  }

  /// Horizontal grid lines with their values, and the axes' names.
  static func grid(
    _ svg: inout SVG, _ y: Axis, bottom: Double, _ title: String, _ text: (Double) -> String
  ) {
    for tick in y.ticks {
      svg.line(left, y(tick), right, y(tick), "grid")
      svg.label(text(tick), left - 8, y(tick) + 4, .end, "tick")
    }
    svg.line(left, bottom, right, bottom, "axis")
    svg.label(title, left, top - 2, .start, "tick")
  }

  /// Names at the ends of lines, moved apart where they would cover each other.
  static func names(_ svg: inout SVG, _ ends: [(summary: ModeSummary, y: Double)], bottom: Double) {
    let gap = 14.0
    var placed = ends.sorted { $0.y < $1.y }
    for index in placed.indices.dropFirst() where placed[index].y < placed[index - 1].y + gap {
      placed[index].y = placed[index - 1].y + gap
    }
    // What was pushed over the edge pushes back.
    if let last = placed.indices.last, placed[last].y > bottom {
      placed[last].y = bottom
      for index in placed.indices.dropLast().reversed()
      where placed[index].y > placed[index + 1].y - gap {
        placed[index].y = placed[index + 1].y - gap
      }
    }
    for end in placed {
      svg.label(
        label(end.summary), right + 10, end.y + 4, .start, "name \(style(end.summary))")
    }
  }
}
