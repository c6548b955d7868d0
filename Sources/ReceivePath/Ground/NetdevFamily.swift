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

    /// The object's attributes as of Linux 7.3; nil where none is read.
    var objectAttributes: KnownAttributes? {
      switch self {
      case .queueGet:
        KnownAttributes(
          upTo: 8,
          nests: [
            (6, KnownAttributes(upTo: 1)),
            (8, KnownAttributes(upTo: 3, nests: [(2, KnownAttributes(upTo: 8))])),
          ])
      case .napiGet: KnownAttributes(upTo: 8)
      case .queueStatisticsGet: KnownAttributes(upTo: 34)
      case .napiSet: nil
      }
    }
  }

  /// Those that the family has besides, up to Linux 7.3, and why rxtune leaves them alone.
  package static let unused: [(commands: [UInt8], reason: String)] = [
    ([1], "dev-get: what XDP could do; rtnetlink tells the program that is attached"),
    ([5, 9], "page-pool-get, page-pool-stats-get: memory that drivers recycle"),
    ([13, 15], "bind-rx, bind-tx: a program's own device memory"),
    ([16], "queue-create: queues that a program leases to a virtual device"),
  ]

  static func isKnown(_ operation: UInt8) -> Bool {
    Command(rawValue: operation) != nil || unused.contains { $0.commands.contains(operation) }
  }
}

extension Host {
  /// A dump of the netdev family: the attributes of each object.
  package func netdevDump(
    _ command: NetdevFamily.Command, _ subject: String,
    _ fill: (inout AttributeWriter) -> Void = { _ in }
  ) throws(KernelError) -> [Attributes] {
    try netdevObjects(command, try netdevRequest(command, subject, flags: .dump, fill))
  }

  /// One object, that `fill` names.
  func netdevGet(
    _ command: NetdevFamily.Command, _ subject: String, _ fill: (inout AttributeWriter) -> Void
  ) throws(KernelError) -> Attributes {
    let objects = try netdevObjects(
      command, try netdevRequest(command, subject, flags: [], fill))
    guard let object = objects.first else {
      throw KernelError("netlink", "\(command) \(subject)", .noEntry)
    }
    return object
  }

  private func netdevObjects(
    _ command: NetdevFamily.Command, _ request: NetlinkRequest
  ) throws(KernelError) -> [Attributes] {
    let replies = try kernel.netlink(request)
    let objects = try decoding(request.subject) { () throws(DecodeError) in
      try replies.map { (reply) throws(DecodeError) in
        try reply.attributes(after: GenericHeader.size, request.subject)
      }
    }
    if unknown != nil, let known = command.objectAttributes {
      for object in objects { unknown?.note("netdev \(command)", object, known) }
    }
    return objects
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
