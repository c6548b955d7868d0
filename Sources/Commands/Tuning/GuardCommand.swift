import ArgumentParser
import KernelIO
import ReceivePath
import Tuning

/// The process that `--confirm-within` and `--wait-link` leave behind.
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
    // The change itself may still be under way; and what is refused now may be taken later. As
    // long as the change is there, nobody else may be left who could take it back.
    var pause: Int64 = 500
    while true {
      try? rollBack(archive, directory)
      if isOver(archive) { return }
      DetachedProcess.sleep(milliseconds: pause)
      pause = min(2 * pause, 10_000)
    }
  }

  /// Confirmed, rolled back or forgotten.
  private func isOver(_ archive: Archive) -> Bool {
    do throws(TuningError) {
      switch try archive.outline(id).state {
      case .committed, .rolledBack, .deviceGone: return true
      case .open, .awaiting, .incomplete: return false
      }
    } catch {
      if case .noSuchJournal = error { return true }
      return false
    }
  }

  private func rollBack(_ archive: Archive, _ directory: StateDirectory) throws {
    let lock = try ChangeSession.lock(directory, "confirmation-guard \(id)")
    try withExtendedLifetime(lock) {
      if isOver(archive) { return }
      let tuner = try ChangeSession.tuner(HostSettings(Host(LiveKernel())), archive)
      _ = try tuner.rollBack(id)
    }
  }
}
