package import KernelIO
package import Knobs
import Netlink
import ReceivePath

/// Why a change was not made, or not undone.
package enum TuningError: Error, CustomStringConvertible {
  /// The state directory failed before the first write.
  case notBegun(KernelError)
  case storage(KernelError)
  /// A change was made, and that could not be put on record; `undo` tells what became of it.
  case unrecorded(KernelError, undo: Undo)
  case journal(JournalError)
  case noSuchJournal(String)
  case locked(by: String)
  /// Refused before anything was written, and why.
  case refused([Finding])
  /// The kernel refused a write, or another value was found afterwards; `undo` tells what became
  /// of the writes before it.
  case failed(Failure, undo: Undo)
  /// A journal that cannot be rolled back here and now.
  case cannotRollBack(String, String)
  /// A change that was not rolled back in part.
  case cannotForget(String)
  /// What the newest change was cannot be read, and so not which one is to be rolled back.
  case newestIsDamaged(String, String)

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
        "What had been changed (\(Setting.counted(count))) is undone: all is as it was."
      case .incomplete(let left):
        "Not fully rolled back: \(Journal.lines(left).joined(separator: "; ")). "
          + "Try: rxtune rollback"
      case .deviceGone(let notes): notes.joined(separator: "; ") + "."
      }
    }
  }

  package var description: String {
    switch self {
    case .notBegun(let error): Self.text(error) + " Nothing was changed."
    case .storage(let error): Self.text(error)
    case .unrecorded(let error, let undo): "\(Self.text(error)) \(undo.text)"
    case .journal(let error): error.description
    case .noSuchJournal(let id): "no change \(id) is on record: see rxtune history"
    case .locked(let holder): "another change is under way: \(holder). Nothing was changed."
    case .refused(let findings):
      findings.map(\.description).joined(separator: "\n") + "\nNothing was changed."
    case .failed(let failure, let undo):
      "\(failure.description). \(undo.text)"
    case .cannotRollBack(let id, let reason): "change \(id) cannot be rolled back: \(reason)"
    case .cannotForget(let id):
      "change \(id) has nothing left to forget. Try: rxtune history"
    case .newestIsDamaged(let id, let reason):
      """
      the newest change that may be in force, \(id), cannot be read: \(reason) Nothing was rolled \
      back. To roll back one before it: rxtune rollback ID, as rxtune history lists them
      """
    }
  }

  private static func text(_ error: KernelError) -> String {
    "\(error.description)."
      + (error.errno == .accessDenied ? " Journals are root's: try it as root." : "")
  }
}

/// One write that did not do what it should.
package struct Failure: Error, Hashable, Sendable {
  package var settings: [Setting]
  package var cause: Cause
  /// What the plan had found about them, and may be why.
  package var notes: [Finding] = []

  package enum Cause: Hashable, Sendable {
    case refused(KernelError)
    /// The kernel said yes, and has another value.
    case found(KnobValue)
    case unreadable(KernelError)
    /// Later writes of the same change changed it again.
    case disturbed(KnobValue?)
  }

  package var description: String {
    ([sentence] + notes.map { [$0.text, $0.remedy].compactMap(\.self).joined(separator: ". ") })
      .joined(separator: ". ")
  }

  private var sentence: String {
    let what = settings.map { "\($0.description) = \($0.value.description)" }
      .joined(separator: ", ")
    switch cause {
    case .refused(let error) where settings.first?.knob.access == .flowRules:
      // One rule of the table is what it was about, and stands in the error.
      return settings.map(\.description).joined(separator: ", ")
        + ": the kernel refused it (\(error))" + advice(error)
    case .refused(let error):
      return "\(what): the kernel refused it: \(error.reason)" + advice(error)
    case .found(let value):
      return "\(what): the kernel accepted it, but the value is \(value.description)"
    case .unreadable(let error): return "\(what): it cannot be read back (\(error))"
    case .disturbed(let value):
      return "\(what): \(value?.description ?? "nothing") was found at the end; another setting "
        + "of this change, or another program, overwrote it"
    }
  }

  private func advice(_ error: KernelError) -> String {
    settings.lazy.compactMap { $0.knob.advice(on: error) }.first.map { ". " + $0 } ?? ""
  }
}
