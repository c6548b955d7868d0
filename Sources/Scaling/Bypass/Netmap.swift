import CKernel
import Glibc
import KernelIO

extension PacketBackend {
  /// A NIC's rings in shared memory, by a module that is no part of Linux. The kernel gets what is not
  /// served, and all of it again when the file is closed, as with the process.
  static let netmap = PacketBackend(
    name: "netmap", abstract: "netmap, the NIC's rings in shared memory; needs its module",
    workloads: [.udpRR, .receive], takesFrames: true, largestMTU: Netmap.largestMTU,
    isPerQueue: false, takesDevice: true, servesNetmapPorts: true
  ) { opening throws(BenchError) in
    try Netmap.check(opening)
    let ports = PacketPorts(reserved: opening.reserved)
    var setup = opening.setup
    if opening.options.isNetmapPort { NetmapPort.put(opening.device, into: &setup) }
    do throws(BenchError) { try ports.open("netmap", &setup, thread: 0) } catch {
      throw Netmap.explained(error, opening)
    }
    return PacketThreads(opening, ports)
  }

  /// TCP without the kernel's stack over the same.
  static let lwIPNetmap = PacketBackend(
    name: "lwip-netmap", abstract: "TCP and UDP by lwIP in user space, over netmap",
    workloads: [.crr, .rr, .udpRR], takesFrames: true, largestMTU: Netmap.largestMTU,
    isPerQueue: false, takesDevice: true, servesNetmapPorts: true
  ) { opening throws(BenchError) in
    try Netmap.check(opening)
    try checkSegment(opening.options.exchange, opening.options.backend.name)
    let port = opening.options.isNetmapPort ? ["device=\(opening.device.name)"] : []
    return try StackPrograms(
      "rxtune-lwip", "netmap", opening, opening.setup, extra: port
    ) { error, _ in Netmap.explained(error, opening) }
  }
}

private enum Netmap {
  /// Of its buffers (2,048 bytes unless its module is told otherwise), with an Ethernet header and tag.
  static let largestMTU: UInt32 = 2030

  /// All of its rings are one port's.
  static func check(_ opening: PacketOpening) throws(BenchError) {
    guard opening.options.threads == 1 else {
      throw BenchError(
        "\(opening.options.backend.name) serves all rings by one worker", hint: "use --workers 1")
    }
  }

  static func explained(_ error: BenchError, _ opening: PacketOpening) -> BenchError {
    var error = opening.explained(error)
    if error.errno == .noEntry {
      error.hint = "this kernel has no netmap: build its module (luigirizzo/netmap) and load it"
    }
    if error.errno == .busy {
      error.hint = "another program has the device by netmap; end it first"
    }
    return error
  }
}
