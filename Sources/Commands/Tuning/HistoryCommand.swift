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
      Prints one change per line: its id, when it began, its state (in force, awaiting \
      confirmation, rolled back, rolled back in part, device gone, interrupted, or over since \
      another boot), the number of values and the command. rollback and confirm take the id. A \
      damaged journal is listed as such; standard error says why.

      Examples:
        rxtune history
            List all changes since boot.
        rxtune history --json
            List them as JSON.

      Exit status:
        1  A journal is damaged.
      """)

  @Flag(name: .long, help: "Print JSON.")
  var json = false

  @Flag(name: .long, help: "Print only the ids, newest first, one per line.")
  var ids = false

  @OptionGroup var state: StateOptions

  func validate() throws {
    if json && ids { throw ValidationError("--json and --ids exclude each other") }
  }

  func run() throws {
    let changes = state.changes()
    if ids { return print(try changes.record.ids().reversed().joined(separator: "\n")) }
    let entries = try changes.history()
    let damaged = entries.compactMap { entry, _ -> String? in
      if case .failure(let error) = entry.journal { "\(error)" } else { nil }
    }
    try print(
      HistoryDocument(entries), as: OutputFormat(json: json),
      failing: damaged.first.map { Failure(damaged, Problem(.journalDamaged, $0)) })
  }
}
