extension PacketBackend {
  /// A copy of each packet, in a ring that the kernel shares (networking/packet_mmap.rst): of blocks
  /// where nobody waits for an answer.
  ///
  /// The kernel goes on with the packet itself, and would answer that nobody listens at the port
  /// (ICMP): a socket of its own is bound there, whose filter drops all.
  static let packetMMap = PacketBackend(
    name: "packet-mmap", abstract: "AF_PACKET, a ring of copies shared with the kernel",
    workloads: [.udpRR, .receive], takesFrames: true, largestMTU: nil, isPerQueue: false
  ) { opening throws(BenchError) in
    let ports = PacketPorts(reserved: opening.reserved)
    let isAnswered = opening.options.exchange.workload.isAnswered
    try ports.openOnePerThread(isAnswered ? "packet-mmap" : "packet-blocks", opening)
    return PacketThreads(opening, ports)
  }
}
