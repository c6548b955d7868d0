package import KernelIO
package import Netlink

/// Speed and duplex: ETHTOOL_MSG_LINKMODES_GET (ethtool DEV); before it (5.6),
/// ETHTOOL_GLINKSETTINGS, and before that (4.6) ETHTOOL_GSET.
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

  private init(speed: UInt32?, duplex: UInt8?, autonegotiation: Bool?) {
    self.speed = speed == .max || speed == 0 ? nil : speed
    self.duplex = duplex.map { $0 == 0 ? .half : $0 == 1 ? .full : .unknown }
    self.autonegotiation = autonegotiation
  }

  /// - Parameter reader: `struct ethtool_link_settings`: cmd, speed, duplex, port, phy_address,
  ///   autoneg, …
  fileprivate init(settings reader: consuming ByteReader) throws(DecodeError) {
    try reader.skip(4, "cmd")
    let speed: UInt32 = try reader.integer("speed")
    let duplex: UInt8 = try reader.integer("duplex")
    try reader.skip(2, "port and phy_address")
    let autonegotiation: UInt8 = try reader.integer("autoneg")
    self.init(speed: speed, duplex: duplex, autonegotiation: autonegotiation != 0)
  }

  /// - Parameter reader: `struct ethtool_cmd`: the speed's upper half stands behind the rest.
  fileprivate init(command reader: consuming ByteReader) throws(DecodeError) {
    try reader.skip(12, "cmd, supported and advertising")
    let low: UInt16 = try reader.integer("speed")
    let duplex: UInt8 = try reader.integer("duplex")
    try reader.skip(3, "port, phy_address and transceiver")
    let autonegotiation: UInt8 = try reader.integer("autoneg")
    try reader.skip(9, "up to speed_hi")
    let high: UInt16 = try reader.integer("speed_hi")
    // Drivers without a speed leave 16 ones of -1, or all 32.
    let speed = UInt32(high) << 16 | UInt32(low)
    self.init(
      speed: low == .max && high == 0 ? nil : speed, duplex: duplex,
      autonegotiation: autonegotiation != 0)
  }

  package init(_ reply: Attributes) throws(DecodeError) {
    self.init(
      speed: try reply[Key.speed]?.u32(), duplex: try reply[Key.duplex]?.u8(),
      autonegotiation: try (reply[Key.autonegotiation]?.u8()).map { $0 != 0 })
  }
}

extension LinkMode {
  fileprivate static let settingsSize = 48
  fileprivate static let wordsOffset = 15
}
extension Host {
  package func linkMode(_ device: String) throws(KernelError) -> LinkMode {
    guard hasEthtool(.linkModesGet) else { return try linkModeByIoctl(device) }
    let reply = try ethtool(.linkModesGet, device)
    return try decoding("linkmodes \(device)") { () throws(DecodeError) in try LinkMode(reply) }
  }

  private func linkModeByIoctl(_ device: String) throws(KernelError) -> LinkMode {
    func settings(words: Int) -> EthtoolStructure {
      var structure = EthtoolStructure(
        command: 0x4c, size: LinkMode.settingsSize + words * 3 * 4)
      structure.put(Int8(clamping: words), at: LinkMode.wordsOffset)
      return structure
    }
    do {
      // Asked for no link modes, the kernel answers with minus the words that it has of each.
      var first = try ethtoolIoctl(device, settings(words: 0), "GLINKSETTINGS")
      let words = try decoding("GLINKSETTINGS \(device)") { () throws(DecodeError) in
        try first.skip(LinkMode.wordsOffset, "up to link_mode_masks_nwords")
        return Int(try first.integer("link_mode_masks_nwords", as: Int8.self).magnitude)
      }
      let reply = try ethtoolIoctl(device, settings(words: words), "GLINKSETTINGS")
      return try decoding("GLINKSETTINGS \(device)") { () throws(DecodeError) in
        try LinkMode(settings: reply)
      }
    } catch {
      guard error.kind == .notSupported else { throw error }
      let reply = try ethtoolIoctl(device, EthtoolStructure(command: 0x01, size: 44), "GSET")
      return try decoding("GSET \(device)") { () throws(DecodeError) in
        try LinkMode(command: reply)
      }
    }
  }
}
