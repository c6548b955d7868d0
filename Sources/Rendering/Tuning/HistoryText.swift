import Knobs
package import Tuning

/// Journals for people, the newest first.
package struct HistoryText {
  package let lines: [String]

  /// - Parameter isOver: true for journals of another boot.
  package init(_ journals: [Journal], isOver: (Journal) -> Bool) {
    var table = Table([
      .left("ID"), .left("STARTED"), .left("STATE"), .right("CHANGES"), .left("COMMAND"),
    ])
    for journal in journals.reversed() {
      table.add([
        journal.id, journal.started.description,
        isOver(journal) ? "over (another boot or namespace)" : Self.word(journal.state),
        "\(journal.wanted.count)", journal.command,
      ])
    }
    lines = journals.isEmpty ? ["No change is on record."] : table.lines()
  }

  @Sendable static func word(_ state: Journal.State) -> String {
    switch state {
    case .open: "interrupted"
    case .committed: "in force"
    case .awaiting: "awaiting confirmation"
    case .rolledBack: "rolled back"
    case .incomplete: "rolled back in part"
    }
  }
}
