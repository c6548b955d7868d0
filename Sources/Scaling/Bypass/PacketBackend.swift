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
  /// Has it the whole device, which the kernel then has no more?
  var takesDevice = false
  /// May it serve a port of netmap in a device's place?
  var servesNetmapPorts = false
  let open: @Sendable (PacketOpening) throws(BenchError) -> any PacketCrew

  package static let all = [
    recvmmsg, packetMMap, afXDP, lwIPPacketMMap, lwIP, dpdkAFPacket, dpdkAFXDP, dpdk, netmap,
    lwIPNetmap, mTCP, mTCPPacketMMap,
  ]

  package static func named(_ name: String) -> PacketBackend? { all.first { $0.name == name } }

  package func serves(_ workload: Workload) -> Bool { workloads.contains(workload) }
}

extension PacketBackend: NamedValue {
  package static let kind = "packet backend"
}
