import KernelIO

extension PacketBackend {
  private static let program = "rxtune-mtcp"

  /// TCP by mTCP (github.com/mtcp-stack/mtcp), over the packets that `afXDP` takes. rxtune has neither its
  /// code nor a package of it: the program is built with a library that its user has.
  static let mTCP = PacketBackend(
    name: "mtcp", abstract: "TCP by mTCP in user space, over AF_XDP; needs a libmtcp of your own",
    workloads: [.crr, .rr], takesFrames: true, largestMTU: XDPFrame.largestMTU, isPerQueue: true
  ) { opening throws(BenchError) in
    try check(opening)
    return try StackPrograms.overXDP(program, opening, extra: ["device=\(opening.device.name)"])
  }

  /// The same over the copies that `packetMMap` takes.
  static let mTCPPacketMMap = PacketBackend(
    name: "mtcp-packet-mmap",
    abstract: "TCP by mTCP in user space, over AF_PACKET; needs a libmtcp of your own",
    workloads: [.crr, .rr], takesFrames: true, largestMTU: nil, isPerQueue: false
  ) { opening throws(BenchError) in
    try check(opening)
    return try StackPrograms.overPacketMMap(
      program, opening, extra: ["device=\(opening.device.name)"])
  }

  private static func check(_ opening: PacketOpening) throws(BenchError) {
    do throws(BenchError) { _ = try Libexec.path(of: program, LiveKernel()) } catch {
      var error = error
      error.hint = "build mTCP, and then: make libexec MTCP=PATH/libmtcp.a"
      throw error
    }
  }
}
