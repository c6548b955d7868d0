import CKernel
import Glibc
import KernelIO
import Netlink

extension PacketBackend {
  /// TCP by lwIP over a poll-mode driver of DPDK. The program that this attaches (by libxdp) takes all
  /// packets of its queue: ARP is lwIP's to answer then.
  static let dpdkAFXDP = PacketBackend(
    name: "dpdk-af-xdp",
    abstract: "TCP by lwIP over DPDK's AF_XDP driver, which takes all packets of the device",
    workloads: [.crr, .rr], takesFrames: true, largestMTU: DPDK.largestMTU, isPerQueue: true
  ) { opening throws(BenchError) in
    let programs = try DPDK.start("af-xdp", opening)
    programs.cleanUp = { DPDK.detachXDP(from: opening.device.ifindex, LiveKernel()) }
    return programs
  }

  /// The same over its other driver that needs no NIC.
  static let dpdkAFPacket = PacketBackend(
    name: "dpdk-af-packet", abstract: "TCP by lwIP over DPDK's AF_PACKET driver",
    workloads: [.crr, .rr], takesFrames: true, largestMTU: DPDK.largestMTU, isPerQueue: false
  ) { opening throws(BenchError) in try DPDK.start("af-packet", opening) }
}

private enum DPDK {
  /// Of its buffers (RTE_MBUF_DEFAULT_DATAROOM), with all headers.
  static let largestMTU: UInt32 = 2000

  static func start(
    _ way: String, _ opening: PacketOpening
  ) throws(BenchError) -> StackPrograms {
    let name = opening.options.backend.name
    guard opening.options.threads == 1 else {
      throw BenchError("\(name) serves by one process", hint: "use --workers 1")
    }
    guard way != "af-xdp" || opening.queues.count == 1 else {
      throw BenchError(
        "\(name) serves one queue, and \(opening.device.name) has \(opening.queues.count)",
        hint: "ethtool -L \(opening.device.name) combined 1")
    }
    try PacketBackend.checkSegment(opening.options.exchange, name)
    return try StackPrograms("rxtune-dpdk", way, opening, opening.setup) { error, _ in
      opening.explained(error)
    }
  }

  /// What libxdp attaches stays with the device when its process is killed, in the driver or behind it.
  static func detachXDP(from ifindex: Int32, _ kernel: some Kernel) {
    // linux/if_link.h: IFLA_XDP, IFLA_XDP_FD, IFLA_XDP_FLAGS; XDP_FLAGS_DRV_MODE, XDP_FLAGS_SKB_MODE.
    for mode in [4, 2] as [UInt32] {
      var writer = AttributeWriter(header: LinkMessage.Header(index: ifindex).bytes)
      writer.nest(43) { xdp in
        xdp.put(1, Int32(-1))
        xdp.put(3, mode)
      }
      _ = try? kernel.netlink(
        NetlinkRequest(
          .route, type: LinkMessage.set.rawValue, flags: .acknowledge, payload: writer.bytes,
          subject: "detach XDP"))
    }
  }
}
