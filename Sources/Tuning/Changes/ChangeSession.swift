import KernelIO
package import Notation

/// The changes of a host while this process alone makes any: it holds the state directory's lock.
package final class ChangeSession {
  let tuner: Tuner
  private let changes: Changes
  private let directory: StateDirectory?
  private let lock: StateLock?

  init(_ changes: Changes, _ tuner: Tuner, _ directory: StateDirectory?, _ lock: StateLock?) {
    self.changes = changes
    self.tuner = tuner
    self.directory = directory
    self.lock = lock
  }

  /// Before a change: what was left behind is finished, and none waits for its confirmation. What
  /// cannot be restored is in the way of changes of the same knob alone.
  package func clearTheWay() throws(TuningError) {
    for restored in try tuner.recover() { changes.notify(.recovered(restored)) }
    if let waiting = try tuner.awaiting() { throw .unconfirmed(waiting.id, waiting.command) }
  }

  /// Applies a plan; one that costs the link for good is rolled back.
  ///
  /// - Parameter deadline: when it counts as left behind unless it is confirmed; nobody waits for
  ///   that.
  package func apply(
    _ plan: Plan, command: String, by rules: Changes.Rules, deadline: TimeStamp? = nil
  ) throws(TuningError) -> Tuner.Report {
    let links = LinkWait(rules.waitLink == nil ? [] : plan.devices, changes.kernel)
    let wait = links.isEmpty ? nil : rules.waitLink
    // Until the link is back, the change waits for its confirmation by this process.
    let span = rules.confirmWithin ?? wait
    let end = span.map {
      TimeStamp(seconds: TimeStamp.now().seconds + max(1, ($0 + 999) / 1_000))
    }
    var report = try tuner.apply(
      plan, command: command, label: rules.label, force: rules.force, deadline: end ?? deadline
    ) { (journal) throws(TuningError) in
      guard let span, let directory else { return }
      do throws(KernelError) {
        try ConfirmationGuard.start(journal.id, within: span, directory.path)
      } catch { throw .notBegun(error) }
    }
    guard let wait else { return report }
    if let device = links.down(after: wait) {
      throw try rolledBack(report.journal, .linkDown(device, after: wait))
    }
    if rules.confirmWithin == nil {
      // What cannot be put on record must not stay.
      do { report.journal = try tuner.confirm(report.journal.id) ?? report.journal } catch {
        throw try rolledBack(report.journal, .unrecorded("\(error)"))
      }
    }
    return report
  }

  /// As `Tuner.confirm`.
  package func confirm(_ id: String?) throws(TuningError) -> Journal? { try tuner.confirm(id) }

  /// As `Tuner.forget`.
  package func forget(
    _ id: String
  ) throws(TuningError) -> (journal: Journal, unrestored: [Journal.Debt]) {
    try tuner.forget(id)
  }

  /// Drops the journal of a change that was rolled back.
  package func discard(_ id: String) throws(TuningError) { try tuner.archive.forget(id) }

  private func rolledBack(
    _ journal: Journal, _ cause: TuningError.Reversal
  ) throws(TuningError) -> TuningError {
    let restored = try tuner.rollBack(journal.id)
    let debts = restored.flatMap(\.unrestored)
    let undo: TuningError.Undo =
      if !debts.isEmpty {
        .incomplete(debts)
      } else if restored.allSatisfy(\.isComplete) {
        .complete(restored.reduce(0) { $0 + $1.outcome.writes })
      } else {
        .deviceGone(restored.flatMap(\.notes))
      }
    return .reversed(cause, undo: undo)
  }

  /// What a rollback came to.
  package struct Rollback {
    /// The newest first.
    package var restored: [Tuner.Restored]
    /// Damaged journals of changes that were made later: what they did is still there.
    package var passedOver: [(id: String, error: TuningError)]

    package var isComplete: Bool { restored.allSatisfy(\.isComplete) && passedOver.isEmpty }
  }

  /// As `Tuner.rollBack`.
  package func rollBack(_ id: String?) throws(TuningError) -> Rollback {
    let restored = try tuner.rollBack(id)
    guard let id else { return Rollback(restored: restored, passedOver: []) }
    let later = try tuner.archive.entries().filter { Archive.precedes(id, $0.id) }
    return Rollback(
      restored: restored,
      passedOver: later.compactMap { entry in
        if case .failure(let error) = entry.journal { (entry.id, error) } else { nil }
      })
  }
}
