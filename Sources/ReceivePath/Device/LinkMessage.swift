package import KernelIO
package import Netlink

/// What rtnetlink says about one device: RTM_GETLINK (rt-link.yaml). It follows the network
/// namespace of the process, which a mounted /sys need not do.
package struct LinkMessage {
  package var index: UInt32
  package var name: String
  /// IFLA_*.
  package var attributes: Attributes

  enum Kind {
    static let get: UInt16 = 18
    static let set: UInt16 = 19
  }
  enum Key: UInt16 {
    case name = 3
  }
  static let headerSize = 16
  /// IFNAMSIZ, less the terminating NUL.
  static let nameLimit = 15

  package init(_ message: NetlinkMessage, _ context: String) throws(DecodeError) {
    var header = ByteReader(message.payload, context)
    try header.skip(4, "ifi_family and ifi_type")
    index = try header.integer("ifi_index")
    attributes = try message.attributes(after: Self.headerSize, context)
    name = attributes[Key.name]?.string() ?? ""
  }

  /// `struct ifinfomsg`: family, type, index, flags, change.
  static func header(index: UInt32 = 0) -> [UInt8] {
    [0, 0, 0, 0] + hostBytes(index) + [UInt8](repeating: 0, count: 8)
  }
}

extension Host {
  /// Whether the kernel could have a device of that name: no other text may become part of a path
  /// or a request (dev_valid_name of net/core/dev.c).
  package static func isDeviceName(_ name: String) -> Bool {
    (1...LinkMessage.nameLimit).contains(name.utf8.count) && name != "." && name != ".."
      && name.utf8.allSatisfy {
        $0 > 0x20 && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":") && $0 != 0x7f
      }
  }

  /// The device of that name.
  ///
  /// - Throws: ENODEV where there is none.
  package func link(_ name: String) throws(KernelError) -> LinkMessage {
    let subject = "link \(name)"
    guard Self.isDeviceName(name) else { throw KernelError("netlink", subject, .noDevice) }
    var writer = AttributeWriter(header: LinkMessage.header())
    writer.put(LinkMessage.Key.name.rawValue, name)
    let request = NetlinkRequest(
      .route, type: LinkMessage.Kind.get, payload: writer.bytes, subject: subject)
    let reply = try kernel.one(request)
    return try decoding(subject) { () throws(DecodeError) in try LinkMessage(reply, subject) }
  }

  /// All devices of this network namespace, in the kernel's order.
  package func links() throws(KernelError) -> [LinkMessage] {
    let request = NetlinkRequest(
      .route, type: LinkMessage.Kind.get, flags: .dump, payload: LinkMessage.header(),
      subject: "links")
    let replies = try kernel.netlink(request)
    return try decoding("links") { () throws(DecodeError) in
      try replies.map { (reply) throws(DecodeError) in try LinkMessage(reply, "links") }
    }
  }

  /// Sets one number of a device's link message.
  func setLink(_ name: String, attribute: UInt16, _ value: UInt32) throws(KernelError) {
    let index = try link(name).index
    var writer = AttributeWriter(header: LinkMessage.header(index: index))
    writer.put(attribute, value)
    _ = try kernel.netlink(
      NetlinkRequest(
        .route, type: LinkMessage.Kind.set, flags: .acknowledge, payload: writer.bytes,
        subject: "set link \(name)"))
  }
}
