package import KernelIO
package import Netlink

/// The generic netlink family "ethtool" (linux/ethtool_netlink.h, networking/ethtool-netlink.rst).
package enum EthtoolFamily {
  package static let name = "ethtool"

  /// Commands from user space. Numbers, because Debian's headers lack the later ones.
  package enum Command: UInt8, CustomStringConvertible {
    case linkModesGet = 4
    case featuresGet = 11
    case featuresSet = 12
    case privateFlagsGet = 13
    case privateFlagsSet = 14
    case ringsGet = 15
    case ringsSet = 16
    case channelsGet = 17
    case channelsSet = 18
    case coalesceGet = 19
    case coalesceSet = 20
    case pauseGet = 21
    case pauseSet = 22
    case rssGet = 38
    case rssSet = 48
    case rssCreate = 49
    case rssDelete = 50

    /// As the netlink specs spell it.
    package var description: String {
      switch self {
      case .linkModesGet: "linkmodes-get"
      case .featuresGet: "features-get"
      case .featuresSet: "features-set"
      case .privateFlagsGet: "privflags-get"
      case .privateFlagsSet: "privflags-set"
      case .ringsGet: "rings-get"
      case .ringsSet: "rings-set"
      case .channelsGet: "channels-get"
      case .channelsSet: "channels-set"
      case .coalesceGet: "coalesce-get"
      case .coalesceSet: "coalesce-set"
      case .pauseGet: "pause-get"
      case .pauseSet: "pause-set"
      case .rssGet: "rss-get"
      case .rssSet: "rss-set"
      case .rssCreate: "rss-create-act"
      case .rssDelete: "rss-delete-act"
      }
    }
  }

  /// Those that the family has besides, up to Linux 7.3, and why rxtune leaves them alone.
  package static let unused: [(commands: [UInt8], reason: String)] = [
    ([1], "strset-get: bitsets come with the names of their bits"),
    ([2, 3, 5], "linkinfo, linkmodes-set: port and speed of the link are not tuned here"),
    ([6], "linkstate-get: rtnetlink tells the carrier"),
    ([7, 8], "debug: what the driver logs"),
    ([9, 10], "wol: waking a machine that sleeps"),
    ([23, 24], "eee: power saving of the PHY"),
    ([25, 33, 46, 47], "tsinfo, phc-vclocks, tsconfig: time stamps"),
    ([26, 27, 51], "cable-test, cable-test-tdr, mse: quality of the cable"),
    ([28], "tunnel-info: flows inside of tunnels are not followed"),
    ([29, 30], "fec: error correction on the wire"),
    ([31, 34, 35, 44], "module: the transceiver and its firmware"),
    ([32], "stats-get: counters of the MAC; rtnetlink tells what the host loses"),
    ([36, 37, 39, 40, 41, 45], "pse, plca, phy: power over Ethernet, 10BASE-T1S, PHYs"),
    ([42, 43], "mm: frame preemption, of sending"),
  ]

  static func isKnown(_ operation: UInt8) -> Bool {
    Command(rawValue: operation) != nil || unused.contains { $0.commands.contains(operation) }
  }

  /// Every message's first attribute nests these.
  enum HeaderKey: UInt16 {
    case index = 1
    case name = 2
    case flags = 3
  }
  static let headerAttribute: UInt16 = 1
}

extension EthtoolFamily.Command {
  /// The reply's attributes as of Linux 7.3; nil where none is read.
  var replyAttributes: KnownAttributes? {
    let header = (EthtoolFamily.headerAttribute, KnownAttributes(upTo: 4))
    func reply(_ last: UInt16, _ nests: (UInt16, KnownAttributes)...) -> KnownAttributes {
      KnownAttributes(upTo: last, nests: [header] + nests)
    }
    switch self {
    case .linkModesGet: return reply(10)
    case .featuresGet: return reply(5)
    case .privateFlagsGet: return reply(2)
    case .ringsGet: return reply(18)
    case .channelsGet: return reply(9)
    case .coalesceGet:
      let steps = KnownAttributes(upTo: 1, nests: [(1, KnownAttributes(upTo: 3))])
      return reply(32, (29, steps), (30, steps))
    case .pauseGet: return reply(6)
    case .rssGet: return reply(8, (8, KnownAttributes(upTo: FlowType.gtpuDl6.rawValue)))
    case .featuresSet, .privateFlagsSet, .ringsSet, .channelsSet, .coalesceSet, .pauseSet, .rssSet,
      .rssCreate, .rssDelete:
      return nil
    }
  }
}

extension Host {
  /// Whether this kernel's family has a command, whatever the device's driver makes of it.
  func hasEthtool(_ command: EthtoolFamily.Command) -> Bool {
    (try? family(EthtoolFamily.name))?.operations.contains(command.rawValue) ?? false
  }

  /// One ethtool request about a device: the reply's attributes.
  ///
  /// - Throws: what the kernel said; where the family or the command is not in this kernel,
  ///   EOPNOTSUPP, as for a driver that lacks it.
  package func ethtool(
    _ command: EthtoolFamily.Command, _ device: String,
    _ fill: (inout AttributeWriter) -> Void = { _ in }
  ) throws(KernelError) -> Attributes {
    let request = try ethtoolRequest(command, device, flags: [], fill)
    let reply = try kernel.one(request)
    let attributes = try decoding(request.subject) { () throws(DecodeError) in
      try reply.attributes(after: GenericHeader.size, request.subject)
    }
    note(command, [attributes])
    return attributes
  }

  private func note(_ command: EthtoolFamily.Command, _ replies: [Attributes]) {
    guard unknown != nil, let known = command.replyAttributes else { return }
    for reply in replies { unknown?.note("ethtool \(command)", reply, known) }
  }

  /// The same question as a dump: one reply an object (RSS contexts).
  package func ethtoolDump(
    _ command: EthtoolFamily.Command, _ device: String
  ) throws(KernelError) -> [Attributes] {
    let request = try ethtoolRequest(command, device, flags: .dump) { _ in }
    let replies = try kernel.netlink(request)
    let objects = try decoding(request.subject) { () throws(DecodeError) in
      try replies.map { (reply) throws(DecodeError) in
        try reply.attributes(after: GenericHeader.size, request.subject)
      }
    }
    note(command, objects)
    return objects
  }

  /// A changing ethtool request, acknowledged; returns the replies that some changes send.
  @discardableResult
  package func ethtoolSet(
    _ command: EthtoolFamily.Command, _ device: String,
    _ fill: (inout AttributeWriter) -> Void
  ) throws(KernelError) -> [NetlinkMessage] {
    try kernel.netlink(try ethtoolRequest(command, device, flags: .acknowledge, fill))
  }

  private func ethtoolRequest(
    _ command: EthtoolFamily.Command, _ device: String, flags: NetlinkRequest.Flags,
    _ fill: (inout AttributeWriter) -> Void
  ) throws(KernelError) -> NetlinkRequest {
    let family: GenericFamily
    let subject = "\(command) \(device)"
    do { family = try self.family(EthtoolFamily.name) } catch {
      guard error.kind == .absent else { throw error }
      throw KernelError("netlink", "ethtool \(subject)", .notSupported)
    }
    guard family.operations.contains(command.rawValue) else {
      throw KernelError("netlink", "ethtool \(subject)", .notSupported)
    }
    return family.request(command: command.rawValue, flags: flags, subject: subject) { writer in
      writer.nest(EthtoolFamily.headerAttribute) {
        $0.put(EthtoolFamily.HeaderKey.name.rawValue, device)
      }
      fill(&writer)
    }
  }
}
