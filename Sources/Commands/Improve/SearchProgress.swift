import KernelIO
import Rendering
import Scaling

/// What is seen of a search that goes on: a board on a terminal, elsewhere a line for each outcome.
struct SearchProgress {
  private var board = ProgressBoard()
  private var hasForecast = false
  private var known: Set<Int> = []

  mutating func show(_ search: Search, _ trial: Search.Trial) {
    board.show { SearchBoard(search, trial).lines(columns: $0, rows: $1) }
  }

  mutating func clear() { board.clear() }

  /// What the last trial made known.
  mutating func tell(_ search: Search) {
    if !hasForecast, let forecast = SearchText.forecast(search) {
      hasForecast = true
      note(forecast)
    }
    guard !Console.showsProgress else { return }
    for row in search.outcome.rows where row.fate != .undecided && row.fate != .inapplicable {
      guard known.insert(row.candidate).inserted else { continue }
      note(SearchText.departure(row, search.plan))
    }
  }

  private mutating func note(_ line: String) {
    board.clear()
    Console.report(.note, line)
  }
}
