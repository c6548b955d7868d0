import ArgumentParser
import KernelIO
import ReceivePath
import Tuning

/// The process that `--confirm-within` and `--wait-link` leave behind. Nobody reads what it would
/// print, so it has no `--json`.
struct GuardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirmation-guard", abstract: "Roll a change back unless it is confirmed.",
    shouldDisplay: false)

  @Argument var id: String
  @Argument var milliseconds: Int64
  @OptionGroup var state: StateOptions

  func run() throws {
    try ConfirmationGuard.run(id, within: milliseconds, state.changes())
  }
}
