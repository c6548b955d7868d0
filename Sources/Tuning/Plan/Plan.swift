package import Knobs

/// What would be changed, in the order it would be written, and what stands in the way.
package struct Plan: Hashable, Sendable {
  package var changes: [Change] = []
  /// Wanted and already so.
  package var satisfied: [Setting] = []
  package var findings: [Finding] = []
  /// What is there now: all that the changes touch or may reset.
  package var before: [Setting] = []
  /// Of `before`, what is put back by a rollback only: what a change is meant to overwrite, and
  /// what a driver lays out for another number of queues, where keeping the old would leave new
  /// queues idle.
  package var leftToDriver: Set<Setting.Key> = []
  /// Devices whose RSS tables are written before their channels: the kernel refuses channels below
  /// what a user's table leads to.
  package var tablesFirst: Set<String> = []
  /// The devices that it is about.
  package var devices: [String] = []

  package init() {}

  package var blockers: [Finding] { findings.filter { $0.severity != .note } }

  /// Of `before`, what stays as a change leaves it: left to the driver, and not wanted otherwise.
  package var leftAlone: [Setting] {
    let wanted = Set(changes.map(\.setting.key) + satisfied.map(\.key))
    return before.filter { leftToDriver.contains($0.key) && !wanted.contains($0.key) }
  }
}

/// One setting to be changed.
package struct Change: Hashable, Sendable {
  package var setting: Setting
  /// nil where the place comes into being with a change before it (a queue of more channels).
  package var old: KnobValue?
  package var reason: Reason

  package init(_ setting: Setting, old: KnobValue?, reason: Reason = Reason()) {
    self.setting = setting
    self.old = old
    self.reason = reason
  }
}

/// Why a value is wanted, in a profile's own words, and where that is from.
package struct Reason: Hashable, Sendable {
  package var why: String?
  package var source: String?
  /// The policy that the value came of: "spread".
  package var policy: String?

  package init(why: String? = nil, source: String? = nil, policy: String? = nil) {
    self.why = why
    self.source = source
    self.policy = policy
  }
}

/// Something about a plan that its reader must know before it is carried out.
package struct Finding: Hashable, Sendable, CustomStringConvertible {
  package enum Severity: String, Sendable, Hashable, CaseIterable {
    /// Told, and no obstacle.
    case note
    /// Refused unless --force is given.
    case danger
    /// Cannot be.
    case impossible
  }

  package var severity: Severity
  /// What it is about: "eth0 channels.combined", "host".
  package var subject: String
  package var knob: Knob?
  package var place: Place?
  package var text: String
  /// What to do about it.
  package var remedy: String?

  /// About something that is no knob of the catalogue.
  package init(
    _ severity: Severity, _ subject: String, _ text: String, remedy: String? = nil
  ) {
    self.severity = severity
    self.subject = subject
    self.text = text
    self.remedy = remedy
  }

  /// - Parameter place: nil where it is about the knob, wherever it is set.
  package init(
    _ severity: Severity, _ knob: Knob, at place: Place?, _ text: String, remedy: String? = nil
  ) {
    let subject = place.map { "\($0.name(for: knob)) \(knob.id)" } ?? knob.id
    self.init(severity, subject, text, remedy: remedy)
    self.knob = knob
    self.place = place
  }

  package var description: String {
    "\(subject): \(text)." + (remedy.map { " \($0)" } ?? "")
  }
}
