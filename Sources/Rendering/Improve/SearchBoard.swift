import Glibc
package import Scaling

/// A search that goes on, for a terminal: a row a candidate, with a bar for the interval of its gain,
/// which narrows.
package struct SearchBoard {
  private let search: Search
  /// What is measured now.
  private let trial: Search.Trial

  package init(_ search: Search, _ trial: Search.Trial) {
    self.search = search
    self.trial = trial
  }

  private static let bars = 11...31
  /// Columns of marks, figures and outcome.
  private static let rest = 46
  /// Of a logarithm: beyond 50 % a bar ends at the margin.
  private static let widest = 0.4

  /// Lines that are no wider than `columns`, and no more than `rows`.
  package func lines(columns: Int, rows: Int) -> [String] {
    let head = heading
    let outcome = search.outcome
    // Those still in it come first, where there is no room for all.
    let open = outcome.rows.filter { $0.fate == .undecided || $0.fate == .gains }
    let all = outcome.rows.count < rows ? outcome.rows : open
    let shown = all.prefix(max(0, rows - 2))
    let scale = scale(shown)
    let names = shown.map { Terminal.printable(search.plan.candidates[$0.candidate].name) }
    let longest = names.map(\.count).max() ?? 0
    let room = columns - Self.rest - longest
    // An odd number, so that there is a middle.
    let barWidth = min(max(room | 1, Self.bars.lowerBound), Self.bars.upperBound)
    let nameWidth = min(longest, max(10, columns - Self.rest - barWidth))
    var lines = [head]
    for (row, name) in zip(shown, names) {
      let mark = trial.contains(row.candidate) ? ">" : " "
      let figures = row.gain.flatMap(SearchText.percent) ?? ""
      let fate = row.fate == .undecided ? "" : "  \(row.fate.rawValue)"
      lines.append(
        "\(mark) \(Self.padded(name, nameWidth))  \(bar(row.gain, scale, barWidth))  \(figures)\(fate)"
      )
    }
    let hidden = outcome.rows.count - shown.count
    if hidden > 0, lines.count < rows { lines.append("  \(hidden) more") }
    return lines.map { String($0.prefix(max(0, columns - 1))) }
  }

  /// "screening, round 3: 5 of 8 candidates in it, at most 18 min 3 s left"
  private var heading: String {
    let left = SearchText.time(max(0, search.plan.budget - search.spent))
    let phase = "\(search.phase.rawValue), round \(search.rounds.count + 1)"
    let who: String
    switch search.phase {
    case .screening:
      who =
        "\(search.undecided) of \(Format.count(search.plan.candidates.count, "candidate")) in it"
    case .combining, .duel, .done:
      who =
        trial.isEmpty
        ? "the base" : trial.map { search.plan.candidates[$0].name }.joined(separator: " + ")
    }
    return "\(phase): \(Terminal.printable(who)), at most \(left) left"
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text.count > width
      ? "…" + text.suffix(max(0, width - 1))
      : text + String(repeating: " ", count: width - text.count)
  }

  /// The farthest that a finite interval goes from no gain, as a logarithm.
  private func scale(_ rows: ArraySlice<SearchOutcome.Row>) -> Double {
    let reach =
      rows.compactMap(\.gain).flatMap { [abs(log($0.low)), abs(log($0.high))] }
      .filter(\.isFinite).max() ?? Self.widest
    return min(max(reach, 0.005), Self.widest)
  }

  /// "         ├──•──┤   ": the interval, with a line at no gain.
  private func bar(_ gain: Interval?, _ scale: Double, _ width: Int) -> String {
    let middle = width / 2
    var cells = [Character](repeating: " ", count: width)
    cells[middle] = "│"
    guard let gain, gain.estimate > 0 else { return String(cells) }
    func place(_ ratio: Double) -> Int {
      let share = log(max(ratio, 1e-9)) / scale
      return share.isFinite
        ? middle + Int((min(max(share, -1), 1) * Double(middle)).rounded()) : middle
    }
    let (low, high) = (place(gain.low), place(min(gain.high, 1e9)))
    for cell in low...max(low, high) { cells[cell] = cell == middle ? "┼" : "─" }
    cells[min(max(place(gain.estimate), 0), width - 1)] = "●"
    return String(cells)
  }
}
