import Knobs
import Notation
package import Tuning

/// Journals for people, the newest first.
package struct HistoryText {
  package let lines: [String]

  /// - Parameter entries: those that are over are of another boot or namespace.
  package init(_ entries: [(entry: Archive.Entry, isOver: Bool)]) {
    var table = Table([
      .left("ID"), .left("STARTED"), .left("STATE"), .right("CHANGES"), .left("COMMAND"),
    ])
    for (entry, isOver) in entries.reversed() {
      switch entry.journal {
      case .success(let journal):
        table.add([
          entry.id, journal.started.description,
          isOver ? "over (another boot or namespace)" : Self.word(journal.state),
          "\(journal.wanted.count)", journal.command,
        ])
      case .failure: table.add([entry.id, nil, "damaged", nil, nil])
      }
    }
    lines = entries.isEmpty ? ["No change is on record."] : table.lines()
  }

  static func word(_ state: Journal.State) -> String {
    switch state {
    case .open: "interrupted"
    case .committed: "in force"
    case .awaiting: "awaiting confirmation"
    case .rolledBack: "rolled back"
    case .incomplete: "rolled back in part"
    case .deviceGone: "device gone"
    }
  }
}
