package import KernelIO
import Knobs
package import Netlink

extension EthtoolFamily.Command {
  /// The reply's attributes as of Linux 7.3; nil where none is read.
  var replyAttributes: KnownAttributes? {
    let header = (EthtoolFamily.MessageKey.header.rawValue, KnownAttributes(upTo: 4))
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
    case .pauseGet: return reply(6, (5, KnownAttributes(upTo: 3)))
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
    _ command: EthtoolFamily.Command, _ device: String, withStatistics: Bool = false,
    _ fill: (inout AttributeWriter) -> Void = { _ in }
  ) throws(KernelError) -> Attributes {
    let request = try ethtoolRequest(
      command, device, flags: [], header: withStatistics ? EthtoolFamily.statisticsFlag : nil, fill)
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
    header: UInt32? = nil, _ fill: (inout AttributeWriter) -> Void
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
      writer.nest(EthtoolFamily.MessageKey.header.rawValue) {
        $0.put(EthtoolFamily.HeaderKey.name.rawValue, device)
        if let header { $0.put(EthtoolFamily.HeaderKey.flags.rawValue, header) }
      }
      fill(&writer)
    }
  }
}
