import KernelIO
import Netlink

/// Driver tunables: ETHTOOL_GTUNABLE, ETHTOOL_STUNABLE (linux/ethtool.h, `struct
/// ethtool_tunable`: cmd, id, type_id, len, data). Only the ioctl has them.
extension Host {
  private static let tunableSize = 20
  private static let tunableU32: UInt32 = 3

  private static func tunable(_ command: UInt32, _ id: UInt32) -> EthtoolStructure {
    var structure = EthtoolStructure(command: command, size: tunableSize)
    structure.put(id, at: 4)
    structure.put(tunableU32, at: 8)
    structure.put(UInt32(4), at: 12)
    return structure
  }

  func tunable(_ device: String, _ id: UInt32) throws(KernelError) -> UInt32 {
    var reply = try ethtoolIoctl(device, Self.tunable(0x48, id), "GTUNABLE \(id)")
    return try decoding("GTUNABLE \(device)") { () throws(DecodeError) in
      try reply.skip(16, "up to the data")
      return try reply.integer("data")
    }
  }

  func setTunable(_ device: String, _ id: UInt32, _ value: UInt32) throws(KernelError) {
    var structure = Self.tunable(0x49, id)
    structure.put(value, at: 16)
    _ = try ethtoolIoctl(device, structure, "STUNABLE \(id)")
  }
}
