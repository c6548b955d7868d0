package import KernelIO

/// Why a change was not made, or not undone: what is wrong, what state things are in, what to try.
package enum TuningError: Error, CustomStringConvertible {
  /// The state directory failed before the first write.
  case notBegun(KernelError)
  case storage(KernelError)
  /// A change was made, and that could not be put on record; `undo` tells what became of it.
  case unrecorded(KernelError, undo: Undo)
  case journal(JournalError)
  case noSuchJournal(String)
  case locked(by: String)
  /// Another change waits to be confirmed: its id and command.
  case unconfirmed(String, String)
  /// Refused before anything was written, and why.
  case refused([Caveat], Plan)
  /// The kernel refused a write, or another value was found afterwards; `undo` tells what became
  /// of the writes before it.
  case failed(WriteFailure, undo: Undo)
  /// Made, and rolled back at once.
  case reversed(Reversal, undo: Undo)
  /// A journal that cannot be rolled back here and now.
  case cannotRollBack(String, String)
  /// A change that was not rolled back in part.
  case cannotForget(String)
  /// What the newest change was cannot be read, and so not which one is to be rolled back.
  case newestIsDamaged(String, String)

  /// Whether root might read or write what this user may not.
  package var needsPrivilege: Bool {
    if case .storage(let error) = self { error.kind == .needsPrivilege } else { false }
  }

  package enum Undo: Hashable, Sendable {
    case nothingChanged
    /// All is as before, after so many values were put back.
    case complete(Int)
    /// These are not as before.
    case incomplete([Journal.Debt])
    /// The devices are gone, and why that is said.
    case deviceGone([String])

    fileprivate var text: String {
      switch self {
      case .nothingChanged: "Nothing was changed."
      case .complete(let count):
        "\(Setting.counted(count)) rolled back; all is as it was."
      case .incomplete(let debts):
        Journal.notFullyRolledBack(debts).capitalizedFirst + ". Try: rxtune rollback"
      case .deviceGone(let notes): notes.joined(separator: "; ") + "."
      }
    }
  }

  /// Why a change that was made could not stay.
  package enum Reversal: Hashable, Sendable {
    /// - Parameter after: milliseconds.
    case linkDown(String, after: Int64)
    case unrecorded(String)

    fileprivate var text: String {
      switch self {
      case .linkDown(let device, let wait):
        "\(device) has no link "
          + (wait.isMultiple(of: 1_000) ? "\(wait / 1_000)s" : "\(wait)ms") + " after the change"
      case .unrecorded(let text): text
      }
    }
  }

  package var description: String {
    switch self {
    case .notBegun(let error): "\(error). Nothing was changed.\(Self.remedy(error))"
    case .storage(let error): "\(error).\(Self.remedy(error))"
    case .unrecorded(let error, let undo): "\(error). \(undo.text)"
    case .journal(let error): error.description
    case .noSuchJournal(let id): "there is no change \(id). Try: rxtune history"
    case .locked(let holder): "another change is under way: \(holder). Nothing was changed."
    case .unconfirmed(let id, let command):
      "change \(id) (\(command)) waits to be confirmed. Nothing was changed. "
        + "Try: rxtune confirm, or rxtune rollback"
    case .refused(let caveats, _):
      CaveatGroup.refusals(caveats).joined(separator: "\n")
    case .failed(let failure, let undo):
      ([failure.problem + ".", undo.text] + failure.advice).joined(separator: " ")
    case .reversed(let cause, let undo): "\(cause.text). \(undo.text)"
    case .cannotRollBack(let id, let reason):
      "change \(id) cannot be rolled back: \(reason). Nothing was rolled back. "
        + "Try: rxtune history"
    case .cannotForget(let id):
      "change \(id) has nothing left to forget. Try: rxtune history"
    case .newestIsDamaged(let id, let reason):
      """
      the newest change that may be in force, \(id), cannot be read: \(reason) Nothing was rolled \
      back. Try: rxtune history, and rxtune rollback ID for one before it
      """
    }
  }

  private static func remedy(_ error: KernelError) -> String {
    error.kind == .needsPrivilege ? " Journals belong to root. Run rxtune as root." : ""
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
