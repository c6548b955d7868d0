import Notation
package import Scaling
package import Tuning

/// `rxtune rollback`: what was restored, change by change, or what was given up.
package struct RollbackDocument: Document {
  private var rollback: ChangeSession.Rollback?
  private var forgotten: (journal: Journal, unrestored: [Journal.Debt])?

  private var returned: [(device: TakenDevice, losses: [String])] = []

  /// Devices that were given back to the kernel.
  package init(returned: [(device: TakenDevice, losses: [String])]) { self.returned = returned }

  package init(_ rollback: ChangeSession.Rollback) { self.rollback = rollback }

  package init(forgotten: (journal: Journal, unrestored: [Journal.Debt])) {
    self.forgotten = forgotten
  }

  package var lines: [String] {
    if let (journal, unrestored) = forgotten {
      return ["\(journal.id) (\(journal.command)): forgotten. It stays as it is:"]
        + Journal.lines(unrestored)
    }
    if !returned.isEmpty {
      return returned.map {
        "\($0.device.name) (\($0.device.address)): given back to \($0.device.driver)"
      }
    }
    guard let restored = rollback?.restored, !restored.isEmpty else {
      return ["Nothing to roll back."]
    }
    return restored.map { change in
      let name = "\(change.journal.id) (\(change.journal.command))"
      return change.journal.state == .deviceGone
        ? "\(name): nothing to restore"
        : "\(name): \(Setting.counted(change.outcome.writes)) restored, \(change.compared) compared"
    }
  }

  package static let shape = Record<RollbackDocument>([
    Field("restored", "Changes that were rolled back, the newest first.", .array(of: restored)) {
      $0.rollback?.restored ?? []
    },
    Field(
      "passed-over", "Changes made later, whose journals cannot be read: they are still there.",
      .array(of: passedOver)
    ) { $0.rollback?.passedOver ?? [] },
    Field(
      "returned", "Devices that were given back to the kernel; then nothing else is rolled back.",
      .array(of: returned)
    ) { $0.returned },
    Field(optional: "forgotten", "The change that was given up (--forget).", forgotten) {
      $0.forgotten
    },
  ]).shape

  private static let restored = Record<Tuner.Restored>([
    Field("id", "The change.", .string) { $0.journal.id },
    Field("command", "The command that made it.", .string) { $0.journal.command },
    Field("state", "How it stands now.", .journalState) { $0.journal.state },
    Field("writes", "Values written.", .integer) { $0.outcome.writes },
    Field("compared", "Values compared, and restored where they differed.", .integer) {
      $0.compared
    },
    Field("unrestored", "What could not be restored.", .array(of: .debt)) {
      $0.unrestored
    },
    Field(
      "notes", "What else there is to know: a device that is gone or renamed.", .array(of: .string)
    ) {
      $0.notes
    },
  ]).shape

  private static let returned = Record<(device: TakenDevice, losses: [String])>([
    Field("device", "The device.", .string) { $0.device.name },
    Field("address", "Its PCI address.", .string) { $0.device.address },
    Field("driver", "The driver that has it again.", .string) { $0.device.driver },
    Field("losses", "What is not as it was before.", .array(of: .string)) { $0.losses },
  ]).shape

  private static let passedOver = Record<(id: String, error: TuningError)>([
    Field("id", "The change.", .string) { $0.id },
    Field("damaged", "Why its journal cannot be read.", .string) { $0.error.description },
  ]).shape

  private static let forgotten = Record<(journal: Journal, unrestored: [Journal.Debt])>([
    Field("id", "The change.", .string) { $0.journal.id },
    Field("command", "The command that made it.", .string) { $0.journal.command },
    Field("unrestored", "What stays as it is.", .array(of: .debt)) { $0.unrestored },
  ]).shape
}

/// `rxtune confirm`: the change that is kept.
package struct ConfirmationDocument: Document {
  private let journal: Journal

  package init(_ journal: Journal) { self.journal = journal }

  package var lines: [String] { ["Change \(journal.id) (\(journal.command)) is kept."] }

  package static let shape = Record<ConfirmationDocument>([
    Field("id", "The change.", .string) { $0.journal.id },
    Field("command", "The command that made it.", .string) { $0.journal.command },
    Field("state", "How it stands now.", .journalState) { $0.journal.state },
  ]).shape
}
