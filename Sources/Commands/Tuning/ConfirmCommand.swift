import ArgumentParser
import KernelIO
import ReceivePath
import Rendering
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

  @Flag(name: .long, help: "Print JSON.")
  var json = false

  @OptionGroup var state: StateOptions

  func run() throws {
    guard let journal = try state.changes().open("confirm").confirm(id)
    else {
      throw Failure("no change waits to be confirmed. Try: rxtune history", .noSuchChange)
    }
    try print(ConfirmationDocument(journal), as: OutputFormat(json: json))
  }
}
