/// The netlink protocols that rxtune speaks (linux/netlink.h).
package enum NetlinkProtocol: String, Sendable, CaseIterable {
  case route
  case sockDiag = "sock-diag"
  case generic

  /// The number that socket(2) takes.
  package var number: Int32 {
    switch self {
    case .route: 0
    case .sockDiag: 4
    case .generic: 16
    }
  }
}

/// A request as the kernel sees it, less sequence number and port: two equal requests ask the
/// same thing, which is what a recorded host is looked up by.
package struct NetlinkRequest: Hashable, Sendable {
  package struct Flags: OptionSet, Hashable, Sendable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }
    /// The standard library's for any set looks its types up when it is called first.
    package init(arrayLiteral flags: Flags...) {
      self.init(rawValue: flags.reduce(0) { $0 | $1.rawValue })
    }
    package static let acknowledge = Flags(rawValue: 0x04)
    package static let dump = Flags(rawValue: 0x300)
    /// With RTM_NEW…: create, and fail where it exists.
    package static let createExclusive = Flags(rawValue: 0x600)
  }

  package var bus: NetlinkProtocol
  package var type: UInt16
  package var flags: Flags
  package var payload: [UInt8]
  /// What is asked, in words ("ethtool rings-get eth0"); for errors only.
  package var subject: String

  package init(
    _ bus: NetlinkProtocol, type: UInt16, flags: Flags = [], payload: [UInt8], subject: String
  ) {
    self.bus = bus
    self.type = type
    self.flags = flags
    self.payload = payload
    self.subject = subject
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.bus == right.bus && left.type == right.type && left.flags == right.flags
      && left.payload == right.payload
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(bus)
    hasher.combine(type)
    hasher.combine(flags)
    hasher.combine(payload)
  }
}

/// One message of an answer: `struct nlmsghdr`'s type, and what follows the header.
package struct NetlinkMessage: Hashable, Sendable {
  package var type: UInt16
  package var payload: [UInt8]

  package init(type: UInt16, payload: [UInt8]) {
    self.type = type
    self.payload = payload
  }

  /// The attributes behind a fixed header of `headerSize` bytes.
  package func attributes(after headerSize: Int, _ context: String) throws(DecodeError)
    -> Attributes
  {
    guard payload.count >= headerSize else {
      throw DecodeError(
        context, offset: payload.count, "the fixed header of \(headerSize) bytes is cut short")
    }
    // Fixed headers are aligned to 4 before the first attribute (NLMSG_ALIGN).
    let start = Swift.min((headerSize + 3) & ~3, payload.count)
    return try Attributes(payload[start...], context)
  }
}
