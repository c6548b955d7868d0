import ArgumentParser
import KernelIO
import ReceivePath
import Tuning

struct RollbackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Undo a change.",
    discussion: """
      Without an id, undoes the newest change in force, or finishes undoing an interrupted one. \
      With an id, undoes that change and all later ones, newest first. rxtune restores every \
      value that the change wrote or invalidated, and compares it with the journal. After a \
      reboot there is nothing to roll back: the kernel has forgotten the change.

      If a damaged journal may belong to the newest change, rollback without an id refuses; on \
      the way to an id it names the damaged journals that it skips.

      rxtune knows a device by its index: it follows a renamed device, and leaves another device \
      of the same name alone. If the device is gone, its settings are gone too: nothing is \
      restored, and the exit status is 1.

      What cannot be restored, because the queue is gone or the driver refuses, stays pending: \
      rxtune retries it before each later change, and until it succeeds that knob of that device \
      cannot be changed. rollback with the id of such a change retries that change alone; \
      --forget gives it up and keeps the current values.

      Examples:
        rxtune rollback
            Undo the last change, or finish undoing one that was killed.
        rxtune rollback 20261123-163117
            Undo that change and all later ones.
        rxtune rollback --forget 20261123-163117
            Give up on what could not be restored of that change.

      Exit status:
        1  Something was not restored, or its device is gone.
      """)

  @Argument(help: "A change, as rxtune history lists it.", completion: Completions.changes)
  var id: String?

  @Flag(name: .long, help: "Give up on what could not be restored of this change.")
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
        "\(name): \(Setting.counted(change.outcome.writes)) restored, \(change.compared) compared")
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
