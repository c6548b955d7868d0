import ArgumentParser
import KernelIO
import ReceivePath
import Tuning

struct Rollback: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Put back what was there before a change.",
    discussion: """
      Without an id: the newest change that is in force, or one that was interrupted. With an id: \
      that change, and all that came after it, the newest first. Every value that the change wrote \
      or invalidated is put back and compared with what the journal holds. After a reboot there is \
      nothing to roll back: the kernel has forgotten the change.

      A damaged journal that may be the newest change's makes rollback without an id refuse, and \
      one that is passed over on the way back to an id is named. Of a device that is gone, or \
      that is another one by now, nothing is put back.

      A change that could be rolled back in part only is tried again before each other change. \
      Where that cannot succeed, --forget gives it up: what is there stays.

      Examples:
        rxtune rollback
            Undo the last change, or finish undoing one that was killed.
        rxtune rollback 20261123-163117
            Undo that change and all later ones.
        rxtune rollback --forget 20261123-163117
            Give up what of that change could not be undone.
      """)

  @Argument(help: "A change, as rxtune history lists it.")
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
      return print(left.joined(separator: "\n"))
    }
    let restored = try withExtendedLifetime(lock) { try tuner.rollBack(id) }
    if restored.isEmpty { print("Nothing to roll back.") }
    for change in restored {
      print(
        "\(change.journal.id) (\(change.journal.command)): "
          + "\(Setting.counted(change.outcome.writes)) put back, \(change.compared) compared")
      for line in change.left + change.notes { Console.complain("rxtune: \(line)") }
    }
    let passedOver = try id.map { try complain(ofDamagedAfter: $0, archive) } ?? false
    guard restored.allSatisfy(\.left.isEmpty), !passedOver else { throw ExitCode.failure }
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
