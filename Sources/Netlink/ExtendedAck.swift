/// The kernel's own words on a refusal (NETLINK_EXT_ACK; linux/netlink.h `nlmsgerr_attrs`).
package struct ExtendedAck: Hashable, Sendable {
  package var message: String?
  /// Byte offset of the offending attribute in the request, counted from its nlmsghdr.
  package var offset: UInt32?
  /// Type of the attribute that the kernel missed in the request.
  package var missingType: UInt32?

  private enum Key: UInt16 {
    case message = 1
    case offset = 2
    case missingType = 5
  }

  package init(message: String? = nil, offset: UInt32? = nil, missingType: UInt32? = nil) {
    self.message = message
    self.offset = offset
    self.missingType = missingType
  }

  package init(attributes: Attributes) throws(DecodeError) {
    message = attributes[Key.message]?.string()
    offset = try attributes[Key.offset]?.u32()
    missingType = try attributes[Key.missingType]?.u32()
  }
}

/// The payload of NLMSG_ERROR or NLMSG_DONE: an errno, and perhaps words.
package struct NetlinkStatus: Hashable, Sendable {
  /// 0, or a positive errno.
  package var errno: Int32
  package var extendedAck: ExtendedAck?

  /// NLM_F_CAPPED, NLM_F_ACK_TLVS (linux/netlink.h).
  private static let capped: UInt16 = 0x100
  private static let hasAttributes: UInt16 = 0x200
  private static let headerSize = 16

  /// - Parameter echoesRequest: true for NLMSG_ERROR, which repeats the request's header, and
  ///   the whole request where the capped flag is off; NLMSG_DONE repeats nothing.
  package init(payload: [UInt8], flags: UInt16, echoesRequest: Bool) throws(DecodeError) {
    let context = echoesRequest ? "netlink error" : "netlink done"
    var reader = ByteReader(payload, context)
    if payload.isEmpty && !echoesRequest {
      self.errno = 0
      return
    }
    let code: Int32 = try reader.integer("errno")
    self.errno = code == .min ? .max : abs(code)
    guard flags & Self.hasAttributes != 0 else { return }
    if echoesRequest {
      let length: UInt32 = try reader.integer("the request's length")
      let rest =
        flags & Self.capped != 0 ? Self.headerSize : Swift.max(Int(length), Self.headerSize)
      try reader.skip((rest + 3) & ~3 - 4, "the request's echo")
    }
    extendedAck = try ExtendedAck(
      attributes: Attributes(try reader.take(reader.remaining, "attributes"), context))
  }
}
