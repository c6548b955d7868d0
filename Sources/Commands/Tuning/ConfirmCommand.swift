import ArgumentParser
import KernelIO
import ReceivePath
import Tuning

struct ConfirmCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirm",
    abstract: "Keep a change that --confirm-within would roll back.",
    discussion: """
      Keeps a change made with --confirm-within: the one with this id, or the one that waits. If \
      none waits any more, the change is already rolled back, and confirm says so.

      Examples:
        rxtune confirm
            Keep the change that waits.
      """)

  @Argument(
    help: "A change, as rxtune history lists it. (default: the one that waits)",
    completion: Completions.changes)
  var id: String?

  @OptionGroup var state: StateOptions

  func run() throws {
    let archive = try state.archive()
    guard let directory = archive.storage as? StateDirectory else { throw ExitCode.failure }
    let lock = try ChangeSession.lock(directory, "confirm")
    let tuner = try ChangeSession.tuner(HostSettings(Host(LiveKernel())), archive)
    let journal = try withExtendedLifetime(lock) { try tuner.confirm(id) }
    guard let journal else {
      throw Failure("no change waits to be confirmed: see rxtune history")
    }
    print("Change \(journal.id) (\(journal.command)) stays.")
  }
}
