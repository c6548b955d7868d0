package import Knobs
package import ReceivePath

/// What rules look at: the host now, and at an earlier moment where there is one. A value: rules ask
/// no kernel.
package struct Examination: Sendable {
  package var now: HostSnapshot
  package var earlier: HostSnapshot?
  /// Of the host, its network namespace and its CPUs: what `Rule.reads` names.
  package var settings: Settings
  package var surroundings: Surroundings
  /// Seconds between the snapshots; nil where rates cannot be had.
  package let interval: Double?
  /// Why there are no rates; nil where there are.
  package let withoutRates: String?

  /// Shorter than this, a burst is taken for a rate.
  package static let shortest = 1.0

  package init(
    _ now: HostSnapshot, since earlier: HostSnapshot? = nil, settings: Settings = Settings(),
    surroundings: Surroundings = Surroundings()
  ) {
    self.now = now
    self.earlier = earlier
    self.settings = settings
    self.surroundings = surroundings
    (interval, withoutRates) = Self.interval(now, earlier)
  }

  private static func interval(
    _ now: HostSnapshot, _ earlier: HostSnapshot?
  ) -> (Double?, String?) {
    guard let earlier else { return (nil, "it takes two snapshots") }
    guard let end = now.readings?.uptime.value, let start = earlier.readings?.uptime.value else {
      return (nil, "the snapshots do not say when they were taken")
    }
    guard end > start else {
      return (nil, "the second snapshot is not later than the first: was the host rebooted?")
    }
    guard end - start >= shortest else { return (nil, "the snapshots are less than 1 s apart") }
    return (end - start, nil)
  }
}

/// What rules go by besides the snapshots.
package struct Surroundings: Sendable {
  /// irqbalance's process id, where it runs.
  package var irqbalance: Int?
  /// Whether the changes in force are known: those of a recorded host are not.
  package var knowsChanges = false
  /// Devices whose interrupts a change in force placed, with that change's command.
  package var placedInterrupts: [(device: String, change: String)] = []
  /// Commands of the changes in force: "apply latency eth0".
  package var changes: [String] = []
  /// nil where the CPUs cannot be listed.
  package var topology: Topology?
  /// The threads of each core.
  package var cores: [CPUSet] = []

  package init() {}
}
