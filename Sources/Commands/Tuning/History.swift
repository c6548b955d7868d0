import ArgumentParser
import Glibc
import KernelIO
import ReceivePath
import Rendering
import Tuning

struct History: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "List the changes that were made, the newest first.",
    discussion: """
      Each line is one transaction: its id, when it began, how it stands (in force, awaiting \
      confirmation, rolled back, interrupted, or over since another boot), how many values it \
      changed, and the command that made it. The id is what rollback and confirm take.

      Examples:
        rxtune history
            All changes since boot.
        rxtune history --json
            The same, for a program.
      """)

  @Flag(name: .long, help: "Print JSON.")
  var json = false

  @OptionGroup var state: StateOptions

  func run() throws {
    let archive = try state.archive()
    let tuner = try ChangeSession.tuner(HostSettings(Host(LiveKernel())), archive)
    let journals = try archive.journals()
    if json {
      print(HistoryJSON.shape.encode(journals).text(), terminator: "")
    } else {
      print(
        HistoryText(journals, isOver: { !tuner.belongsHere($0) }).lines.joined(separator: "\n"))
    }
  }
}
