package import KernelIO
package import Netlink

/// The generic netlink family "netdev" (Documentation/netlink/specs/netdev.yaml, since 6.3).
package enum NetdevFamily {
  package static let name = "netdev"

  package enum Command: UInt8, CustomStringConvertible {
    case queueGet = 10
    case napiGet = 11
    case queueStatisticsGet = 12
    case napiSet = 14

    /// As the netlink specs spell it.
    package var description: String {
      switch self {
      case .queueGet: "queue-get"
      case .napiGet: "napi-get"
      case .queueStatisticsGet: "qstats-get"
      case .napiSet: "napi-set"
      }
    }
  }
}

extension Host {
  /// A dump of the netdev family: the attributes of each object.
  package func netdevDump(
    _ command: NetdevFamily.Command, _ subject: String,
    _ fill: (inout AttributeWriter) -> Void = { _ in }
  ) throws(KernelError) -> [Attributes] {
    try netdevObjects(try netdevRequest(command, subject, flags: .dump, fill))
  }

  /// One object, that `fill` names.
  func netdevGet(
    _ command: NetdevFamily.Command, _ subject: String, _ fill: (inout AttributeWriter) -> Void
  ) throws(KernelError) -> Attributes {
    let objects = try netdevObjects(try netdevRequest(command, subject, flags: [], fill))
    guard let object = objects.first else {
      throw KernelError("netlink", "\(command) \(subject)", .noEntry)
    }
    return object
  }

  private func netdevObjects(_ request: NetlinkRequest) throws(KernelError) -> [Attributes] {
    let replies = try kernel.netlink(request)
    return try decoding(request.subject) { () throws(DecodeError) in
      try replies.map { (reply) throws(DecodeError) in
        try reply.attributes(after: GenericHeader.size, request.subject)
      }
    }
  }

  package func netdevSet(
    _ command: NetdevFamily.Command, _ subject: String, _ fill: (inout AttributeWriter) -> Void
  ) throws(KernelError) {
    _ = try kernel.netlink(try netdevRequest(command, subject, flags: .acknowledge, fill))
  }

  private func netdevRequest(
    _ command: NetdevFamily.Command, _ subject: String, flags: NetlinkRequest.Flags,
    _ fill: (inout AttributeWriter) -> Void
  ) throws(KernelError) -> NetlinkRequest {
    let subject = "\(command) \(subject)"
    let family: GenericFamily
    do { family = try self.family(NetdevFamily.name) } catch {
      guard error.kind == .absent else { throw error }
      throw KernelError("netlink", "netdev \(subject)", .notSupported)
    }
    guard family.operations.contains(command.rawValue) else {
      throw KernelError("netlink", "netdev \(subject)", .notSupported)
    }
    return family.request(command: command.rawValue, flags: flags, subject: subject, fill)
  }
}
