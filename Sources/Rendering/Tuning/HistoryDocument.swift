import Knobs
import Notation
package import Tuning

/// `rxtune history`: for people the newest change first, in JSON the oldest.
package struct HistoryDocument: Document {
  private let entries: [(entry: Archive.Entry, isOver: Bool)]

  /// - Parameter entries: those that are over are of another boot or namespace.
  package init(_ entries: [(entry: Archive.Entry, isOver: Bool)]) {
    self.entries = entries
  }

  package var lines: [String] {
    var table = Table([
      .left("ID"), .left("STARTED"), .left("STATE"), .right("CHANGES"), .left("LABEL"),
      .left("COMMAND"),
    ])
    for (entry, isOver) in entries.reversed() {
      switch entry.journal {
      case .success(let journal):
        table.add([
          entry.id, journal.started.description,
          isOver
            ? "over (another boot or namespace)"
            : journal.state.words + (journal.deadline.map { " until \($0)" } ?? ""),
          "\(journal.wanted.count)", journal.label, journal.command,
        ])
      case .failure(let error):
        table.add([entry.id, nil, error.needsPrivilege ? "unreadable" : "damaged", nil, nil, nil])
      }
    }
    return entries.isEmpty ? ["No change is on record."] : table.lines()
  }

  package static let shape = Record<HistoryDocument>([
    Field("changes", "Changes on record, the oldest first.", .array(of: entry)) { $0.entries }
  ]).shape

  private static let entry = Shape<(entry: Archive.Entry, isOver: Bool)>(
    schema: .object(["anyOf": .array([journal.schema, damaged.schema])])
  ) { entry, isOver in
    switch entry.journal {
    case .success(let journal): Self.journal.encode((journal, isOver))
    case .failure(let error): damaged.encode((entry.id, error))
    }
  }

  private static let journal = Record<(journal: Journal, isOver: Bool)>([
    Field("id", "Id of the change, for rollback and confirm.", .string) { $0.journal.id },
    Field(optional: "label", "The caller's label.", .string) { $0.journal.label },
    Field("started", "When the change began.", .string) { $0.journal.started.description },
    Field("command", "The command that made it.", .string) { $0.journal.command },
    Field(
      "state", "State of the change; over: it belongs to another boot or namespace.",
      .oneOf(Journal.State.allWords + ["over"])
    ) { $0.isOver ? "over" : $0.journal.state.word },
    Field(optional: "deadline", "When it is rolled back unless confirmed.", .string) {
      $0.isOver ? nil : $0.journal.deadline?.description
    },
    Field("devices", "Devices of the change.", .array(of: .string)) {
      $0.journal.devices.map(\.name)
    },
    Field("owed", "Settings that a rollback could not restore.", .array(of: .debt)) {
      $0.journal.owed
    },
    Field("before", "The old values.", .array(of: SettingJSON.shape)) {
      $0.journal.before
    },
    Field("wanted", "The values set, as the devices settled them.", .array(of: SettingJSON.shape)) {
      $0.journal.settled
    },
  ]).shape

  private static let damaged = Record<(id: String, error: TuningError)>([
    Field("id", "Id of the change.", .string) { $0.id },
    Field("damaged", "Why the journal cannot be read.", .string) { $0.error.description },
  ]).shape
}
