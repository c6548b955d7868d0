import CKernel
import KernelIO

extension PacketBackend {
  private static let program = "rxtune-lwip"

  /// TCP and UDP without the kernel's stack, over the packets that `afXDP` takes.
  static let lwIP = PacketBackend(
    name: "lwip", abstract: "TCP and UDP by lwIP in user space, over AF_XDP",
    workloads: [.crr, .rr, .udpRR], takesFrames: true, largestMTU: XDPFrame.largestMTU,
    isPerQueue: true
  ) { opening throws(BenchError) in try StackPrograms.overXDP(program, opening) }

  /// The same over the copies that `packetMMap` takes.
  static let lwIPPacketMMap = PacketBackend(
    name: "lwip-packet-mmap", abstract: "TCP and UDP by lwIP in user space, over AF_PACKET",
    workloads: [.crr, .rr, .udpRR], takesFrames: true, largestMTU: nil, isPerQueue: false
  ) { opening throws(BenchError) in try StackPrograms.overPacketMMap(program, opening) }

  /// Each request has to be alone in a packet.
  static func checkSegment(
    _ exchange: Exchange, _ name: String, hint: String? = nil
  ) throws(BenchError) {
    // A datagram has been held against the MTU.
    guard exchange.workload.isStream else { return }
    // Of Debian's lwIP (TCP_MSS).
    let largest = 1460
    guard exchange.requestBytes <= largest else {
      throw BenchError(
        "\(name) needs each request in one packet: \(exchange.requestBytes) bytes are more than "
          + "\(largest)", hint: hint)
    }
  }
}

extension StackPrograms {
  /// Over sockets of AF_XDP, one for each queue.
  static func overXDP(
    _ program: String, _ opening: PacketOpening, extra: [String] = []
  ) throws(BenchError) -> StackPrograms {
    let (programs, attachment) = try XDPAttachment.open(opening) {
      session, mode throws(BenchError) in
      // Behind the driver packets of a connection come put together, longer than a socket's memory
      // for one.
      if mode == .generic {
        try PacketBackend.checkSegment(
          opening.options.exchange, "\(opening.options.backend.name) in generic mode",
          hint: "use --xdp native")
      }
      return try StackPrograms(
        program, "af-xdp", opening, opening.setup(ofXDP: mode),
        map: session.descriptor(of: XDPAttachment.sockets), extra: extra
      ) { XDPAttachment.explained($0, opening.device, $1, mode) }
    }
    programs.attachment = attachment
    return programs
  }

  /// Over the copies that AF_PACKET makes.
  static func overPacketMMap(
    _ program: String, _ opening: PacketOpening, extra: [String] = []
  ) throws(BenchError) -> StackPrograms {
    var setup = opening.setup
    setup.frame = opening.frame
    // 64 MiB at most.
    setup.frames = min(4096, (64 << 20) / setup.frame)
    return try StackPrograms(program, "packet-mmap", opening, setup, extra: extra) { error, _ in
      opening.explained(error)
    }
  }
}
