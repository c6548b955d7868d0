import ArgumentParser
import Glibc
import KernelIO
import ReceivePath
import Rendering
import Tuning

struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "List changes, newest first.",
    discussion: """
      Each line is one transaction: its id, when it began, how it stands (in force, awaiting \
      confirmation, rolled back, rolled back in part, device gone, interrupted, or over since \
      another boot), how many values it changed, and the command that made it. The id is what rollback and confirm take. A journal \
      that is damaged is listed as such, and why is said on standard error.

      Examples:
        rxtune history
            All changes since boot.
        rxtune history --json
            The same, for a program.

      Exit status:
        1  A journal is damaged.
      """)

  @Flag(name: .long, help: "Print JSON.")
  var json = false

  @Flag(name: .long, help: "Print the ids alone, newest first, one a line.")
  var ids = false

  @OptionGroup var state: StateOptions

  func run() throws {
    let archive = state.record()
    if ids { return print(try archive.ids().reversed().joined(separator: "\n")) }
    let tuner = try ChangeSession.tuner(HostSettings(Host(LiveKernel())), archive)
    var damaged: [any Error] = []
    let entries = try archive.entries().map { entry in
      do { return (entry, isOver: !tuner.belongsHere(try entry.journal.get())) } catch {
        damaged.append(error)
        return (entry, isOver: false)
      }
    }
    if json {
      print(HistoryJSON.shape.encode(entries).text(), terminator: "")
    } else {
      print(HistoryText(entries).lines.joined(separator: "\n"))
    }
    for error in damaged { Console.complain("rxtune: \(error)") }
    if !damaged.isEmpty { throw ExitCode.failure }
  }
}
