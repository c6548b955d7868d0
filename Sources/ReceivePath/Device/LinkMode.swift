package import KernelIO
package import Netlink

/// Speed and duplex: ETHTOOL_MSG_LINKMODES_GET (ethtool DEV).
package struct LinkMode: Hashable, Sendable {
  package enum Duplex: String, Sendable { case half, full, unknown }
  /// Mbit/s; nil while the driver does not know it (link down, software devices).
  package var speed: UInt32?
  package var duplex: Duplex?
  package var autonegotiation: Bool?

  private enum Key: UInt16 {
    case autonegotiation = 2
    case speed = 5
    case duplex = 6
  }

  package init(_ reply: Attributes) throws(DecodeError) {
    let speed = try reply[Key.speed]?.u32()
    self.speed = speed == .max || speed == 0 ? nil : speed
    duplex = try reply[Key.duplex].map { (attribute) throws(DecodeError) in
      switch try attribute.u8() {
      case 0: .half
      case 1: .full
      default: .unknown
      }
    }
    autonegotiation = try reply[Key.autonegotiation].map { (attribute) throws(DecodeError) in
      try attribute.u8() != 0
    }
  }
}

extension Host {
  package func linkMode(_ device: String) throws(KernelError) -> LinkMode {
    let reply = try ethtool(.linkModesGet, device)
    return try decoding("linkmodes \(device)") { () throws(DecodeError) in try LinkMode(reply) }
  }
}
