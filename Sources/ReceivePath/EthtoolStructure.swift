import KernelIO
import Netlink

/// A structure of the ethtool ioctl (linux/ethtool.h), built and read field by field.
struct EthtoolStructure {
  private(set) var bytes: [UInt8]

  /// Zeroes behind the command number.
  init(command: UInt32, size: Int) {
    bytes = hostBytes(command)
    bytes += [UInt8](repeating: 0, count: max(0, size - bytes.count))
  }

  mutating func put(_ value: some FixedWidthInteger, at offset: Int) {
    let image = hostBytes(value)
    guard offset >= 0, offset + image.count <= bytes.count else { return }
    bytes.replaceSubrange(offset..<offset + image.count, with: image)
  }
}

extension Host {
  /// SIOCETHTOOL with `structure`; a reader over what came back.
  func ethtoolIoctl(
    _ device: String, _ structure: EthtoolStructure, _ what: String
  ) throws(KernelError) -> ByteReader {
    do {
      return ByteReader(try kernel.ethtool(device, structure.bytes), "\(what) \(device)")
    } catch {
      var error = error
      error.place = "\(what) \(device)"
      throw error
    }
  }
}
