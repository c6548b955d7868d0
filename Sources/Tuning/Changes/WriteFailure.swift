package import KernelIO
package import Knobs
import Netlink
import ReceivePath

/// One write that did not do what it should.
package struct WriteFailure: Error, Hashable, Sendable {
  package var settings: [Setting]
  package var cause: Cause
  /// What the plan had found about them, and may be why.
  package var notes: [Caveat] = []

  package enum Cause: Hashable, Sendable {
    case refused(KernelError)
    /// The kernel said yes, and has another value.
    case found(KnobValue)
    case unreadable(KernelError)
    /// Later writes of the same change changed it again.
    case disturbed(KnobValue?)
  }

  package var description: String { ([problem + "."] + advice).joined(separator: " ") }

  /// "eth0 rx-0 queue.rps-flow-cnt = 4096: the kernel refused it (ENOMEM)"
  package var problem: String {
    let what = settings.map { "\($0.description) = \($0.value.description)" }
      .joined(separator: ", ")
    switch cause {
    case .refused(let error) where settings.first?.knob.access == .flowRules:
      // One rule of the table is what it was about, and stands in the error.
      return settings.map(\.description).joined(separator: ", ")
        + ": the kernel refused it (\(error))"
    case .refused(let error):
      return "\(what): the kernel refused it: \(error.reason)"
    case .found(let value):
      return "\(what): the kernel accepted it, but the value is \(value.description)"
    case .unreadable(let error): return "\(what): it cannot be read back (\(error))"
    case .disturbed(let value):
      return "\(what): \(value?.description ?? "nothing") was found at the end; another setting "
        + "of this change, or another program, overwrote it"
    }
  }

  /// What may be why, and what to try; a sentence each.
  package var advice: [String] {
    var advice: [String] = []
    if case .refused(let error) = cause,
      let words = settings.lazy.compactMap({ $0.knob.advice(on: error) }).first
    {
      advice.append(words + ".")
    }
    return advice + notes.map { "\($0.text)." + ($0.remedy.map { " \($0)" } ?? "") }
  }
}
