/// What all runs of one results file share.
package struct Session: Codable, Hashable, Sendable {
  package static let currentFormat = 3

  /// Of this file; readers refuse a later one.
  package var format = Session.currentFormat
  package var tool: String
  /// Seconds since 1970.
  package var started: Double
  package var command: [String]
  package var machine: Machine
  package var plan: SweepPlan
  package var warnings: [Warning]
  /// The host's receive path as `rxtune show` tells it, for people.
  package var receivePath: [String]

  package init(
    tool: String, started: Double, command: [String], machine: Machine, plan: SweepPlan,
    warnings: [Warning], receivePath: [String] = []
  ) {
    self.tool = tool
    self.started = started
    self.command = command
    self.machine = machine
    self.plan = plan
    self.warnings = warnings
    self.receivePath = receivePath
  }

  /// Before format 3 counters lacked their group: "ListenDrops" for TcpExtListenDrops.
  var namesCountersAsNstat: Bool { format >= 3 }

  /// Before format 2 the host's settings were recorded: of the namespaces that runs were made in
  /// they say nothing.
  var knowsNamespace: Bool { format >= 2 || plan.network != .namespaces }

  /// The settings that its runs are known to have had.
  package var settings: [String: String] {
    knowsNamespace
      ? machine.settings : machine.settings.filter { !Machine.isOfNamespace($0.key) }
  }
}
