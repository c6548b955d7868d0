import Knobs
package import Tuning

/// `rxtune history --json`: the journals, the oldest first.
package enum HistoryJSON {
  package static let shape = Shape<[Journal]>.array(of: journal)

  private static let journal = Record<Journal>([
    Field("id", "The change, for rollback and confirm.", .string) { $0.id },
    Field("started", "When it began.", .string) { $0.started.description },
    Field("command", "The command that made it.", .string) { $0.command },
    Field("state", "How it stands.", state) { $0.state },
    Field("devices", "The devices that it is about.", .array(of: .string)) {
      $0.devices.map(\.name)
    },
    Field("before", "What was there before.", .array(of: SettingJSON.shape)) { $0.before },
    Field("wanted", "What was set, as the devices settled it.", .array(of: SettingJSON.shape)) {
      $0.left
    },
  ]).shape

  static let state = Shape<String>.oneOf([
    "interrupted", "in force", "awaiting confirmation", "rolled back", "rolled back in part",
  ]).from(HistoryText.word)
}
