extension PacketBackend {
  /// The kernel's stack, a burst a call.
  static let recvmmsg = PacketBackend(
    name: "recvmmsg", abstract: "sockets, a burst of datagrams a call",
    workloads: [.udpRR, .receive],
    takesFrames: false, largestMTU: nil, isPerQueue: false
  ) { opening throws(BenchError) in
    let ports = PacketPorts()
    try ports.openOnePerThread("recvmmsg", opening)
    return PacketThreads(opening, ports)
  }
}
