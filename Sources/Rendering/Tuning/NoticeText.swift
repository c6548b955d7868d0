package import Tuning

extension Changes.Notice {
  /// In words, for a note.
  package var text: String {
    switch self {
    case .waiting(let holder): "waiting for another change that is under way: \(holder)"
    case .recovered(let restored):
      (["change \(restored.journal.id) (\(restored.journal.command)) \(Self.outcome(restored))"]
        + restored.notes).joined(separator: "; ")
    }
  }

  private static func outcome(_ restored: Tuner.Restored) -> String {
    let isComplete = restored.unrestored.isEmpty
    let rest = Journal.notFullyRolledBack(restored.unrestored)
    if case .incomplete = restored.was {
      return isComplete ? "is fully rolled back now" : "was \(rest)"
    }
    guard isComplete else {
      return "was interrupted: \(rest). Try: rxtune rollback \(restored.journal.id)"
    }
    return restored.isComplete ? "was interrupted: rolled back" : "was interrupted"
  }
}
