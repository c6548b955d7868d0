import ArgumentParser
import KernelIO
import ReceivePath
import Tuning

struct RollbackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Undo a change.",
    discussion: """
      Without an id: the newest change that is in force, or one that was interrupted. With an id: \
      that change, and all that came after it, the newest first. Every value that the change wrote \
      or invalidated is put back and compared with what the journal holds. After a reboot there is \
      nothing to roll back: the kernel has forgotten the change.

      A damaged journal that may be the newest change's makes rollback without an id refuse, and \
      one that is passed over on the way back to an id is named.

      A device is known by its index: one that was renamed is followed, and another that bears its \
      name is left alone. Where a device is gone, its settings went with it: nothing is restored, \
      and the exit status says so.

      What was written and cannot be restored, because the queue is gone or the driver refuses, is \
      owed: it is tried again before each later change, and until then that knob of that device \
      cannot be changed. Such a change is named by its id to try it again, it alone; --forget \
      gives it up, and what is there stays.

      Examples:
        rxtune rollback
            Undo the last change, or finish undoing one that was killed.
        rxtune rollback 20261123-163117
            Undo that change and all later ones.
        rxtune rollback --forget 20261123-163117
            Give up what of that change could not be undone.

      Exit status:
        1  Something was not restored, or its device is gone.
      """)

  @Argument(help: "A change, as rxtune history lists it.", completion: Completions.changes)
  var id: String?

  @Flag(name: .long, help: "Give up what of a change could not be rolled back.")
  var forget = false

  @OptionGroup var state: StateOptions

  func validate() throws {
    if forget && id == nil { throw ValidationError("--forget takes the id of a change") }
  }

  func run() throws {
    let archive = try state.archive()
    guard let directory = archive.storage as? StateDirectory else { throw ExitCode.failure }
    let lock = try ChangeSession.lock(directory, "rollback")
    let tuner = try ChangeSession.tuner(HostSettings(Host(LiveKernel())), archive)
    if forget, let id {
      let (journal, left) = try withExtendedLifetime(lock) { try tuner.forget(id) }
      print("\(id) (\(journal.command)): forgotten. It stays as it is:")
      return print(Journal.lines(left).joined(separator: "\n"))
    }
    let restored = try withExtendedLifetime(lock) { try tuner.rollBack(id) }
    if restored.isEmpty { print("Nothing to roll back.") }
    for change in restored { report(change) }
    let passedOver = try id.map { try complain(ofDamagedAfter: $0, archive) } ?? false
    guard restored.allSatisfy(\.isComplete), !passedOver else { throw ExitCode.failure }
  }

  private func report(_ change: Tuner.Restored) {
    let name = "\(change.journal.id) (\(change.journal.command))"
    if change.journal.state == .deviceGone {
      print("\(name): nothing to restore")
    } else {
      print(
        "\(name): \(Setting.counted(change.outcome.writes)) put back, \(change.compared) compared")
    }
    for note in change.notes { ChangeSession.note(note) }
    guard !change.left.isEmpty else { return }
    for line in Journal.lines(change.left) { Console.complain("rxtune: not restored: \(line)") }
    Console.complain(
      "rxtune: not fully rolled back. Try again: rxtune rollback \(change.journal.id), or give it "
        + "up: rxtune rollback --forget \(change.journal.id)")
  }

  /// Whether there was any: what such a change did is still there.
  private func complain(ofDamagedAfter id: String, _ archive: Archive) throws -> Bool {
    var found = false
    for entry in try archive.entries() where Archive.precedes(id, entry.id) {
      guard case .failure(let error) = entry.journal else { continue }
      Console.complain("rxtune: change \(entry.id), made after it, is not rolled back: \(error)")
      found = true
    }
    return found
  }
}
