/// What tracing took of the machine.
package struct TraceCost: Hashable, Sendable {
  /// The kernel's own count of the programs' time (BPF_ENABLE_STATS), over a part of the trace; nil
  /// where this process may not have it counted.
  package var programs: Programs?
  /// CPU time of this process while it traced, nanoseconds.
  package var process: UInt64
  /// Nanoseconds.
  package var duration: UInt64

  package struct Programs: Hashable, Sendable {
    /// How long it was counted, nanoseconds.
    package var window: UInt64
    package var nanoseconds: UInt64
    package var runs: UInt64
    /// Packets that entered meanwhile.
    package var packets: UInt64

    package init(window: UInt64, nanoseconds: UInt64, runs: UInt64, packets: UInt64) {
      self.window = window
      self.nanoseconds = nanoseconds
      self.runs = runs
      self.packets = packets
    }

    /// Nanoseconds.
    package var perRun: Double? { runs == 0 ? nil : Double(nanoseconds) / Double(runs) }
    package var perPacket: Double? {
      packets == 0 ? nil : Double(nanoseconds) / Double(packets)
    }
    /// Of one CPU.
    package var share: Double { window == 0 ? 0 : Double(nanoseconds) / Double(window) }
  }

  package init(programs: Programs?, process: UInt64, duration: UInt64) {
    self.programs = programs
    self.process = process
    self.duration = duration
  }
}
