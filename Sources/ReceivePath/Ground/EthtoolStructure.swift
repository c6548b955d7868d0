import KernelIO
import Netlink

/// A structure of the ethtool ioctl (linux/ethtool.h), built and read field by field.
struct EthtoolStructure: Hashable {
  private(set) var bytes: [UInt8]

  /// Zeroes behind the command number.
  init(command: UInt32, size: Int) {
    bytes = hostBytes(command)
    bytes += [UInt8](repeating: 0, count: max(0, size - bytes.count))
  }

  /// The first `size` bytes of what came back.
  init(_ reader: consuming ByteReader, size: Int, _ what: String) throws(DecodeError) {
    bytes = Array(try reader.take(size, what))
  }

  mutating func put(_ value: some FixedWidthInteger, at offset: Int) {
    let image = hostBytes(value)
    guard offset >= 0, offset + image.count <= bytes.count else { return }
    bytes.replaceSubrange(offset..<offset + image.count, with: image)
  }

  /// The 32 bits that became a netlink attribute: messages keep the order of the structures before
  /// them, the header in place of the command. nil where the structure has no such field.
  subscript(attribute: UInt16) -> UInt32? {
    let start = (Int(attribute) - 1) * 4
    guard start >= 4, start + 4 <= bytes.count else { return nil }
    return hostInteger(bytes[start..<start + 4])
  }

  /// - Returns: false where the structure has no such field.
  mutating func set(_ attribute: UInt16, _ value: UInt32) -> Bool {
    guard self[attribute] != nil else { return false }
    put(value, at: (Int(attribute) - 1) * 4)
    return true
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
