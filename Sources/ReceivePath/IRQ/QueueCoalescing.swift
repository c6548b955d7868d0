import KernelIO
import Netlink

/// Coalescing of one queue: ETHTOOL_PERQUEUE (ethtool -Q). Only the ioctl has it.
///
/// `struct ethtool_per_queue_op`: cmd, sub_command, queue_mask[128], then a `struct
/// ethtool_coalesce` for each queue of the mask: 23 numbers of 32 bits.
struct QueueCoalescing {
  private var structure: EthtoolStructure

  private static let command: UInt32 = 0x4b
  static let get: UInt32 = 0x0e
  static let set: UInt32 = 0x0f
  private static let maskOffset = 8
  private static let maskWords = 128
  private static let dataOffset = maskOffset + maskWords * 4
  private static let fieldCount = 23
  /// The queues that the mask has room for.
  static let queueLimit = maskWords * 32

  static func request(_ subcommand: UInt32, queue: Int) -> EthtoolStructure {
    var request = EthtoolStructure(command: command, size: dataOffset + fieldCount * 4)
    request.put(subcommand, at: 4)
    request.put(UInt32(1) << UInt32(queue % 32), at: maskOffset + queue / 32 * 4)
    request.put(subcommand, at: dataOffset)
    return request
  }

  init(_ reader: consuming ByteReader) throws(DecodeError) {
    try reader.skip(Self.dataOffset, "up to the queue's structure")
    structure = try EthtoolStructure(reader, size: Self.fieldCount * 4, "struct ethtool_coalesce")
  }

  /// - Parameter attribute: of ETHTOOL_A_COALESCE_*; nil where the structure has no such field.
  subscript(attribute: UInt16) -> UInt32? { structure[attribute] }

  mutating func set(_ attribute: UInt16, _ value: UInt32) { _ = structure.set(attribute, value) }

  func setRequest(queue: Int) -> EthtoolStructure {
    var request = Self.request(Self.set, queue: queue)
    for attribute in UInt16(2)...UInt16(Self.fieldCount) {
      if let value = self[attribute] {
        request.put(value, at: Self.dataOffset + (Int(attribute) - 1) * 4)
      }
    }
    return request
  }
}

extension Host {
  func queueCoalescing(_ device: String, queue: Int) throws(KernelError) -> QueueCoalescing {
    let what = "PERQUEUE GCOALESCE queue \(queue)"
    guard (0..<QueueCoalescing.queueLimit).contains(queue) else {
      throw KernelError("SIOCETHTOOL", "\(what) \(device)", .invalid)
    }
    let reply: ByteReader
    do throws(KernelError) {
      reply = try ethtoolIoctl(
        device, QueueCoalescing.request(QueueCoalescing.get, queue: queue), what)
    } catch {
      // Drivers say EINVAL of a queue that a channel change took away, as of anything else.
      guard error.errno == .invalid, try !hasQueue(device, queue) else { throw error }
      throw KernelError("SIOCETHTOOL", "\(what) \(device)", .noEntry)
    }
    return try decoding("\(what) \(device)") { () throws(DecodeError) in
      try QueueCoalescing(reply)
    }
  }

  private func hasQueue(_ device: String, _ queue: Int) throws(KernelError) -> Bool {
    let names = try kernel.list(.sys("class/net/\(device)/queues"))
    return names.contains("rx-\(queue)") || names.contains("tx-\(queue)")
  }

  /// Sets one field of the queue; the others go back as they were read.
  func setQueueCoalescing(
    _ device: String, queue: Int, attribute: UInt16, _ value: UInt32
  ) throws(KernelError) {
    var coalescing = try queueCoalescing(device, queue: queue)
    coalescing.set(attribute, value)
    _ = try ethtoolIoctl(
      device, coalescing.setRequest(queue: queue), "PERQUEUE SCOALESCE queue \(queue)")
  }
}
