/// The receive path of a server's packets, stage by stage.
package struct StageSplit: Codable, Hashable, Sendable {
  /// Nanoseconds.
  package struct Times: Codable, Hashable, Sendable {
    package var packets: UInt64
    package var sum: UInt64
    package var p50: UInt64
    package var p99: UInt64

    package init(packets: UInt64, sum: UInt64, p50: UInt64, p99: UInt64) {
      self.packets = packets
      self.sum = sum
      self.p50 = p50
      self.p99 = p99
    }
  }

  package struct Stage: Codable, Hashable, Sendable {
    /// As `rxtune trace` names it.
    package var name: String
    package var times: Times

    package init(_ name: String, _ times: Times) {
      self.name = name
      self.times = times
    }
  }

  /// In a packet's order; those that no packet passed are left out.
  package var stages: [Stage]
  /// From a packet's first stamp to its read; nil where none was read.
  package var whole: Times?
  /// Packets with data that came for the server.
  package var received: UInt64
  /// Of those, they whose end is known.
  package var accounted: UInt64
  /// What the programs in the kernel took for a packet, nanoseconds; nil where that was not counted.
  package var cost: Double?
  /// What the kernel does not tell.
  package var notes: [String]

  package init(
    stages: [Stage], whole: Times?, received: UInt64, accounted: UInt64, cost: Double?,
    notes: [String]
  ) {
    self.stages = stages
    self.whole = whole
    self.received = received
    self.accounted = accounted
    self.cost = cost
    self.notes = notes
  }

  /// Of all packets that were read, µs a packet: so those of all stages add up to the whole's.
  package func mean(_ times: Times) -> Double {
    guard let whole, whole.packets > 0 else { return 0 }
    return Double(times.sum) / 1000 / Double(whole.packets)
  }

  /// nil where no packet came.
  package var accountedShare: Double? {
    received > 0 ? Double(accounted) / Double(received) : nil
  }

  /// Charts hold what is within these bounds, an hour a packet.
  var isPossible: Bool {
    ((stages.map(\.times) + [whole].compactMap(\.self)).map(mean) + [(cost ?? 0) / 1000])
      .allSatisfy { (0...3.6e9).contains($0) }
  }
}
