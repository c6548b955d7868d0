/// What a trace saw: where the time of packets goes on their way to the programs that read them.
package struct Trace: Hashable, Sendable {
  /// The devices that were followed.
  package var devices: [Device]
  package var port: UInt16?
  package var queue: UInt32?
  /// Nanoseconds.
  package var duration: UInt64
  package var summary: TraceSummary
  package var counts: TraceCounts
  package var drops: [TraceDrop]
  package var cost: TraceCost
  /// What this kernel does not tell, and what that means for the figures.
  package var notes: [String]

  package struct Device: Hashable, Sendable {
    package var index: UInt32
    package var name: String

    package init(index: UInt32, name: String) {
      self.index = index
      self.name = name
    }
  }

  package init(
    devices: [Device], port: UInt16? = nil, queue: UInt32? = nil, duration: UInt64,
    summary: TraceSummary, counts: TraceCounts, drops: [TraceDrop], cost: TraceCost,
    notes: [String]
  ) {
    self.devices = devices
    self.port = port
    self.queue = queue
    self.duration = duration
    self.summary = summary
    self.counts = counts
    self.drops = drops
    self.cost = cost
    self.notes = notes
  }

  /// "eth0"; its number where it is none of those that were followed.
  package func name(ofDevice index: UInt32) -> String {
    devices.first { $0.index == index }?.name ?? "ifindex \(index)"
  }
}
