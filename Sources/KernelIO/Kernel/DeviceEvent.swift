import Netlink

/// A change that the kernel announced.
package enum DeviceEvent: Hashable, Sendable {
  /// RTM_NEWLINK: a device is new, or something of it changed.
  case link(index: UInt32, name: String, isUp: Bool)
  /// RTM_DELLINK.
  case linkGone(index: UInt32, name: String)
  /// The ethtool family's `monitor` group; `command` is ETHTOOL_MSG_…_NTF.
  case ethtool(index: UInt32, name: String, command: UInt8)
  /// More was announced than the socket holds: look at everything again.
  case lost

  /// The kernel's name of what was announced, as the netlink specs have it.
  package var command: String {
    switch self {
    case .link: "newlink"
    case .linkGone: "dellink"
    case .ethtool(_, _, let command): EthtoolFamily.notification(command)
    case .lost: "lost"
    }
  }

  /// The device's name; an event of the whole host has none.
  package var device: String? {
    switch self {
    case .link(_, let name, _), .linkGone(_, let name), .ethtool(_, let name, _): name
    case .lost: nil
    }
  }

  /// The device's ifindex.
  package var index: UInt32? {
    switch self {
    case .link(let index, _, _), .linkGone(let index, _), .ethtool(let index, _, _): index
    case .lost: nil
    }
  }

  /// Reads a message of the RTNLGRP_LINK group; `nil` where it is about something else.
  init?(link message: NetlinkMessage) throws(DecodeError) {
    let kind = LinkMessage(rawValue: message.type)
    guard let kind, [.new, .deleted].contains(kind) else { return nil }
    let header = try LinkMessage.Header(message)
    let index = UInt32(bitPattern: header.index)
    let attributes = try message.attributes(after: LinkMessage.Header.size, "link")
    let name = try attributes.required(LinkMessage.Key.name).string()
    self =
      kind == .new
      ? .link(index: index, name: name, isUp: header.flags & 1 != 0)  // IFF_UP
      : .linkGone(index: index, name: name)
  }

  /// Reads a message of the ethtool family: each begins with a header that names the device.
  init(ethtool message: NetlinkMessage) throws(DecodeError) {
    let attributes = try message.attributes(after: GenericHeader.size, "ethtool event")
    let header = try attributes.required(EthtoolFamily.MessageKey.header).nested()
    self = .ethtool(
      index: try header.required(EthtoolFamily.HeaderKey.index).u32(),
      name: try header.required(EthtoolFamily.HeaderKey.name).string(),
      command: message.payload[0])
  }
}
