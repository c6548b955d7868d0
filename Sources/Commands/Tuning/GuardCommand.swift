import ArgumentParser
import KernelIO
import ReceivePath
import Tuning

/// The process that `--confirm-within` leaves behind.
struct GuardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirmation-guard", abstract: "Roll a change back unless it is confirmed.",
    shouldDisplay: false)

  @Argument var id: String
  @Argument var milliseconds: Int64
  @OptionGroup var state: StateOptions

  func run() throws {
    let deadline = DetachedProcess.uptime() + milliseconds
    let archive = try state.archive()
    guard let directory = archive.storage as? StateDirectory else { throw ExitCode.failure }
    DetachedProcess.detach()
    while DetachedProcess.uptime() < deadline {
      DetachedProcess.sleep(milliseconds: min(500, max(1, deadline - DetachedProcess.uptime())))
      if isOver(archive) { return }
    }
    // The change itself may still be under way; and what is refused now may be taken later.
    for _ in 0..<600 {
      if try rollBack(archive, directory) { return }
      DetachedProcess.sleep(milliseconds: 500)
    }
  }

  private func isOver(_ archive: Archive) -> Bool {
    guard let journal = try? archive.journal(id) else { return false }
    switch journal.state {
    case .committed, .rolledBack: return true
    case .open, .awaiting, .incomplete: return false
    }
  }

  /// Whether there is nothing left to do.
  private func rollBack(_ archive: Archive, _ directory: StateDirectory) throws -> Bool {
    guard let lock = try? ChangeSession.lock(directory, "confirmation-guard \(id)") else {
      return false
    }
    return try withExtendedLifetime(lock) {
      if isOver(archive) { return true }
      let tuner = try ChangeSession.tuner(HostSettings(Host(LiveKernel())), archive)
      return try tuner.rollBack(id).allSatisfy(\.left.isEmpty)
    }
  }
}
