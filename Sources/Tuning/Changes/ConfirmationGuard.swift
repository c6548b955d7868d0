package import KernelIO

/// The process that rolls a change back unless it is confirmed in time, by a person or by the
/// command that waited for the link.
///
/// It is a child of its own session, so that it outlives the terminal that the change may have
/// cut off; it is up before the first write.
package enum ConfirmationGuard {
  package static func start(
    _ id: String, within milliseconds: Int64, _ state: String
  ) throws(KernelError) {
    try DetachedProcess.start([
      "confirmation-guard", id, "\(milliseconds)", "--state-dir", state,
    ])
  }

  /// What the child does; it ends once the change is confirmed, rolled back or forgotten.
  package static func run(_ id: String, within milliseconds: Int64, _ changes: Changes) throws {
    let deadline = DetachedProcess.uptime() + milliseconds
    // Made while a relative path leads there.
    guard let directory = try changes.directory() else { return }
    let archive = Archive(directory)
    DetachedProcess.detach()
    while DetachedProcess.uptime() < deadline {
      DetachedProcess.sleep(milliseconds: min(500, max(1, deadline - DetachedProcess.uptime())))
      if isOver(id, archive) { return }
    }
    // The change itself may still be under way; and what is refused now may be taken later. As
    // long as the change is there, nobody else may be left who could take it back.
    var pause: Int64 = 500
    while true {
      try? rollBack(id, archive, directory, changes)
      if isOver(id, archive) { return }
      DetachedProcess.sleep(milliseconds: pause)
      pause = min(2 * pause, 10_000)
    }
  }

  private static func isOver(_ id: String, _ archive: Archive) -> Bool {
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

  private static func rollBack(
    _ id: String, _ archive: Archive, _ directory: StateDirectory, _ changes: Changes
  ) throws {
    let lock = try changes.lock(directory, "confirmation-guard \(id)", patience: 30_000)
    try withExtendedLifetime(lock) {
      if isOver(id, archive) { return }
      changes.settings.refresh()
      _ = try changes.tuner(archive).rollBack(id)
    }
  }
}
