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
    case .ethtool(_, _, let command): Self.ethtoolCommands[command] ?? "ethtool-\(command)"
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

  /// linux/ethtool_netlink.h, messages from the kernel.
  private static let ethtoolCommands: [UInt8: String] = [
    3: "linkinfo-ntf", 5: "linkmodes-ntf", 8: "debug-ntf", 10: "wol-ntf", 13: "features-ntf",
    15: "privflags-ntf", 17: "rings-ntf", 19: "channels-ntf", 21: "coalesce-ntf", 23: "pause-ntf",
    25: "eee-ntf", 27: "cable-test-ntf", 28: "cable-test-tdr-ntf", 31: "fec-ntf",
    36: "module-ntf", 41: "plca-ntf", 43: "mm-ntf", 44: "module-fw-flash-ntf", 46: "phy-ntf",
    49: "pse-ntf", 50: "rss-ntf", 52: "rss-create-ntf", 53: "rss-delete-ntf",
  ]

  /// Reads a message of the RTNLGRP_LINK group; `nil` where it is about something else.
  init?(link message: NetlinkMessage) throws(DecodeError) {
    guard let kind = LinkMessage(rawValue: message.type) else { return nil }
    var header = ByteReader(message.payload, "link")
    try header.skip(4, "struct ifinfomsg's family and type")
    let index: UInt32 = try header.integer("the interface index")
    let flags: UInt32 = try header.integer("the flags")
    let attributes = try message.attributes(after: 16, "link")
    let name = try attributes.required(LinkKey.name).string()
    self =
      switch kind {
      case .new: .link(index: index, name: name, isUp: flags & 1 != 0)  // IFF_UP
      case .deleted: .linkGone(index: index, name: name)
      }
  }

  /// Reads a message of the ethtool family: each begins with a header that names the device.
  init(ethtool message: NetlinkMessage) throws(DecodeError) {
    let attributes = try message.attributes(after: GenericHeader.size, "ethtool event")
    let header = try attributes.required(EthtoolKey.header).nested()
    self = .ethtool(
      index: try header.required(HeaderKey.index).u32(),
      name: try header.required(HeaderKey.name).string(), command: message.payload[0])
  }

  private enum LinkMessage: UInt16 {
    case new = 16
    case deleted = 17
  }
  private enum LinkKey: UInt16 { case name = 3 }
  private enum EthtoolKey: UInt16 { case header = 1 }
  private enum HeaderKey: UInt16 {
    case index = 1
    case name = 2
  }
}
