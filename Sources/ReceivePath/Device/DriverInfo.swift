package import KernelIO
package import Netlink

/// Who drives a device: ETHTOOL_GDRVINFO (ethtool -i). Netlink has no such message.
package struct DriverInfo: Hashable, Sendable {
  package var driver: String
  package var version: String
  package var firmware: String
  /// "0000:00:03.0" and the like; empty on software devices.
  package var bus: String
  /// Number of driver-defined statistics (ethtool -S).
  package var statistics: UInt32

  /// Whether `driver` is that of `name`, or a variant of it: i40e_netmap of i40e, fsl_enetc_vf of
  /// fsl_enetc.
  static func isKind(_ name: String, _ driver: String) -> Bool {
    guard driver.hasPrefix(name) else { return false }
    let rest = driver.dropFirst(name.count)
    return rest.isEmpty || rest.first == "_" || rest.first == "-"
  }

  static let command: UInt32 = 0x03
  static let size = 196

  package init(_ reader: consuming ByteReader) throws(DecodeError) {
    try reader.skip(4, "command")
    driver = try reader.text(32, "driver")
    version = try reader.text(32, "version")
    firmware = try reader.text(32, "fw_version")
    bus = try reader.text(32, "bus_info")
    try reader.skip(32 + 12 + 4, "erom_version to n_priv_flags")
    statistics = try reader.integer("n_stats")
  }
}

extension Host {
  package func driverInfo(_ device: String) throws(KernelError) -> DriverInfo {
    let structure = EthtoolStructure(command: DriverInfo.command, size: DriverInfo.size)
    let reader = try ethtoolIoctl(device, structure, "GDRVINFO")
    return try decoding("GDRVINFO \(device)") { () throws(DecodeError) in try DriverInfo(reader) }
  }
}
