import Knobs
import Notation
package import Tuning

/// `rxtune history --json`: the journals, the oldest first.
package enum HistoryJSON {
  package static let shape = Shape<[(entry: Archive.Entry, isOver: Bool)]>.array(
    of: Shape(schema: .object(["anyOf": .array([journal.schema, damaged.schema])])) {
      entry, isOver in
      switch entry.journal {
      case .success(let journal): Self.journal.encode((journal, isOver))
      case .failure(let error): damaged.encode((entry.id, error))
      }
    })

  private static let journal = Record<(journal: Journal, isOver: Bool)>([
    Field("id", "Id of the change, for rollback and confirm.", .string) { $0.journal.id },
    Field("started", "When the change began.", .string) { $0.journal.started.description },
    Field("command", "The command that made it.", .string) { $0.journal.command },
    Field("state", "State of the change; over: it belongs to another boot or namespace.", state) {
      $0.isOver ? "over" : word($0.journal.state)
    },
    Field("devices", "Devices of the change.", .array(of: .string)) {
      $0.journal.devices.map(\.name)
    },
    Field("owed", "Settings that a rollback could not restore.", .array(of: debt)) {
      $0.journal.owed
    },
    Field("before", "The old values.", .array(of: SettingJSON.shape)) {
      $0.journal.before
    },
    Field("wanted", "The values set, as the devices settled them.", .array(of: SettingJSON.shape)) {
      $0.journal.settled
    },
  ]).shape

  static let debt = Record<Journal.Debt>([
    Field(optional: "knob", "Id of the knob; absent in journals of older releases.", .string) {
      $0.key?.knob
    },
    Field(optional: "place", "Where the value belongs.", PlaceJSON.shape) {
      $0.key.map(PlaceJSON.init)
    },
    Field("reason", "The old and the current value, and why they differ.", .string) { $0.reason },
  ]).shape

  private static let damaged = Record<(id: String, error: TuningError)>([
    Field("id", "Id of the change.", .string) { $0.id },
    Field("damaged", "Why the journal cannot be read.", .string) { $0.error.description },
  ]).shape

  static let state = Shape<String>.oneOf([
    "interrupted", "in-force", "awaiting-confirmation", "rolled-back", "rolled-back-in-part",
    "device-gone", "over",
  ])

  static func word(_ state: Journal.State) -> String {
    switch state {
    case .open: "interrupted"
    case .committed: "in-force"
    case .awaiting: "awaiting-confirmation"
    case .rolledBack: "rolled-back"
    case .incomplete: "rolled-back-in-part"
    case .deviceGone: "device-gone"
    }
  }
}
