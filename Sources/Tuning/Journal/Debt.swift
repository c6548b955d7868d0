import Knobs
import Notation

extension Journal {
  /// A setting that a rollback owes: it was written and could not be restored.
  package struct Debt: Hashable, Sendable, CustomStringConvertible {
    /// nil in journals of older releases, where it cannot be told from `reason`.
    package var key: Setting.Key?
    /// "was 0-1, is 2".
    package var reason: String

    package init(_ key: Setting.Key?, _ reason: String) {
      self.key = key
      self.reason = reason
    }

    package var description: String {
      Journal.lines([self]).joined()
    }
  }

  /// "not fully rolled back: v0 queue.rps-cpus was none, is 0-1".
  package static func notFullyRolledBack(_ debts: [Debt]) -> String {
    "not fully rolled back: " + lines(debts).joined(separator: "; ")
  }

  /// A line for each knob and reason: "v0 rx-0 to rx-3 queue.rps-cpus was none, is 0-1".
  package static func lines(_ debts: [Debt]) -> [String] {
    struct Subject: Hashable {
      var device: String?
      var knob: Knob
      var reason: String
    }
    let placed = debts.compactMap { debt in
      debt.key.map { key in
        (
          subject: Subject(device: key.place.device, knob: key.knob, reason: debt.reason),
          place: key.place
        )
      }
    }
    return debts.filter { $0.key == nil }.map(\.reason)
      + placed.grouped { $0.subject }.map { subject, members in
        let places = members.map(\.place)
        let isOfNamespace = subject.knob.scope == .namespace
        let place = isOfNamespace && places == [.host] ? "netns" : Place.named(places)
        return "\(place) \(subject.knob.id) \(subject.reason)"
      }
  }
}
