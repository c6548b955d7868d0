import CKernel

/// A way for packets to reach a server other than the sockets of the listener modes: one value, which
/// servers, options, help and results follow.
package struct PacketBackend: Sendable {
  /// As options and results name it, and as CKernel/PacketIO knows it.
  package let name: String
  /// One line, no full stop.
  package let abstract: String
  package let workloads: [Workload]
  /// Does it hand over frames, with their Ethernet headers? Else datagrams.
  package let takesFrames: Bool
  /// The largest MTU that a packet's memory can hold; nil for any.
  let largestMTU: UInt32?
  /// Has it something for each queue of the device? Else for each thread.
  let isPerQueue: Bool
  let open: @Sendable (PacketOpening) throws(BenchError) -> any PacketCrew

  package static let all = [
    recvmmsg, packetMMap, afXDP, lwIPPacketMMap, lwIP, dpdkAFPacket, dpdkAFXDP,
  ]

  package static func named(_ name: String) -> PacketBackend? { all.first { $0.name == name } }

  package func serves(_ workload: Workload) -> Bool { workloads.contains(workload) }
}

extension PacketBackend: Hashable {
  package static func == (one: Self, other: Self) -> Bool { one.name == other.name }

  package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// By its name.
extension PacketBackend: Codable {
  package init(from decoder: any Decoder) throws {
    let name = try decoder.singleValueContainer().decode(String.self)
    guard let backend = Self.named(name) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "no packet backend \"\(name)\""))
    }
    self = backend
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}
