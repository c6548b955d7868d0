package import Knobs

/// What would be changed, in the order it would be written, and what stands in the way.
package struct Plan: Hashable, Sendable {
  package var changes: [Change] = []
  /// Wanted and already so.
  package var satisfied: [Setting] = []
  package var caveats: [Caveat] = []
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

  package var blockers: [Caveat] { caveats.filter { $0.severity != .note } }

  /// - Parameter force: whether what is dangerous is written all the same.
  package func blockers(force: Bool) -> [Caveat] {
    blockers.filter { !(force && $0.severity == .danger) }
  }

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
