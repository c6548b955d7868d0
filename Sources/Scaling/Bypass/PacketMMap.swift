extension PacketBackend {
  /// A copy of each packet, in a ring that the kernel shares (networking/packet_mmap.rst).
  ///
  /// The kernel goes on with the packet itself, and would answer that nobody listens at the port
  /// (ICMP): a socket of its own is bound there, whose filter drops all.
  static let packetMMap = PacketBackend(
    name: "packet-mmap", abstract: "AF_PACKET, a ring of copies shared with the kernel",
    workloads: [.udpRR, .receive], takesFrames: true, largestMTU: nil, isPerQueue: false
  ) { opening throws(BenchError) in
    let ports = PacketPorts(reserved: opening.reserved)
    try ports.openOnePerThread("packet-mmap", opening)
    return ports
  }
}
