import CKernel
import Glibc
import KernelIO
import Netlink

extension PacketBackend {
  /// TCP and UDP by lwIP over a poll-mode driver of DPDK. The program that this attaches (by libxdp) takes
  /// all packets of its queues: ARP is lwIP's to answer then.
  static let dpdkAFXDP = PacketBackend(
    name: "dpdk-af-xdp",
    abstract: "lwIP over DPDK's AF_XDP driver, which takes all packets of the device",
    workloads: DPDK.workloads, takesFrames: true, largestMTU: DPDK.largestMTU, isPerQueue: true
  ) { opening throws(BenchError) in
    let programs = try DPDK.start("af-xdp", opening)
    programs.cleanUp = { DPDK.detachXDP(from: opening.device.ifindex, LiveKernel()) }
    return programs
  }

  /// The same over its other driver that needs no NIC.
  static let dpdkAFPacket = PacketBackend(
    name: "dpdk-af-packet", abstract: "lwIP over DPDK's AF_PACKET driver",
    workloads: DPDK.workloads, takesFrames: true, largestMTU: DPDK.largestMTU, isPerQueue: false
  ) { opening throws(BenchError) in try DPDK.start("af-packet", opening) }

  /// The same over DPDK's driver of the NIC itself, which the kernel gives up meanwhile.
  static let dpdk = PacketBackend(
    name: "dpdk", abstract: "lwIP over DPDK's own driver of the NIC, taken from the kernel",
    workloads: DPDK.workloads, takesFrames: true, largestMTU: DPDK.largestMTU, isPerQueue: true,
    takesDevice: true
  ) { opening throws(BenchError) in
    // All that can be refused without having touched the device.
    try DPDK.check(opening)
    let kernel = LiveKernel()
    let mebibytes = DPDK.mebibytes(queues: opening.queues.count)
    let state = opening.options.state
    let taken = try TakenDevice.take(
      opening.device, hugePages: mebibytes / HugePages.mebibytes, state: state, kernel)
    let giveBack = {
      do throws(BenchError) { return try taken.giveBack(state: state, kernel) } catch {
        return ["\(error); rxtune rollback tries again"]
      }
    }
    do throws(BenchError) {
      let programs = try DPDK.start(
        "pci", opening, ["device=\(taken.address)"])
      programs.giveBack = giveBack
      return programs
    } catch {
      var error = error
      for loss in giveBack() { error.message += "; not as it was: \(loss)" }
      throw error
    }
  }
}

private enum DPDK {
  static let workloads: [Workload] = [.crr, .rr, .udpRR]
  private static let program = "rxtune-dpdk"
  /// Of its buffers (RTE_MBUF_DEFAULT_DATAROOM), with all headers.
  static let largestMTU: UInt32 = 2000

  /// Memory for the buffers of all queues, 2,048 of 2.3 kB each, and for the drivers' rings.
  static func mebibytes(queues: Int) -> Int { max(64, 8 * queues) }

  static func check(_ opening: PacketOpening) throws(BenchError) {
    let name = opening.options.backend.name
    guard opening.options.threads == 1 else {
      throw BenchError("\(name) serves by one process", hint: "use --workers 1")
    }
    try PacketBackend.checkSegment(opening.options.exchange, name)
    _ = try Libexec.path(of: program, LiveKernel())
  }

  static func start(
    _ way: String, _ opening: PacketOpening, _ extra: [String] = []
  ) throws(BenchError) -> StackPrograms {
    try check(opening)
    guard way != "af-xdp" || opening.queues.count == 1 else {
      throw BenchError(
        "\(opening.options.backend.name) serves one queue, and \(opening.device.name) has "
          + "\(opening.queues.count)",
        hint: "ethtool -L \(opening.device.name) combined 1")
    }
    let memory = "memory=\(mebibytes(queues: opening.queues.count))"
    return try StackPrograms(program, way, opening, opening.setup, extra: [memory] + extra) {
      error, _ in opening.explained(error)
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
