package import KernelIO
package import Knobs
package import Netlink

/// Counters of one queue: from the netdev family (netdev.yaml, qstats-get, since 6.10), or from
/// names that drivers use in ethtool -S.
package struct QueueStatistics: Hashable, Sendable {
  package var direction: Place.Direction
  package var id: UInt32
  package var packets: UInt64?
  package var bytes: UInt64?
  /// Packets that entered the device for this queue and never left it.
  package var drops: UInt64?
  /// Buffers that could not be allocated; a packet may have been dropped for it, or not.
  package var allocationFailures: UInt64?

  private enum Key: UInt16 {
    case ifindex = 1
    case type = 2
    case id = 3
    case scope = 4
    case rxPackets = 8
    case rxBytes = 9
    case txPackets = 10
    case txBytes = 11
    case rxAllocFail = 12
    case rxHardwareDrops = 13
    case txHardwareDrops = 24
  }
  static let ifindexAttribute = Key.ifindex.rawValue
  static let scopeAttribute = Key.scope.rawValue
  static let queueScope: UInt32 = 1

  package init(direction: Place.Direction, id: UInt32) {
    self.direction = direction
    self.id = id
  }

  package init(_ object: Attributes) throws(DecodeError) {
    id = try object.required(Key.id).u32()
    direction = try object.required(Key.type).u32() == 0 ? .rx : .tx
    let receives = direction == .rx
    packets = try object[receives ? Key.rxPackets : .txPackets]?.uint()
    bytes = try object[receives ? Key.rxBytes : .txBytes]?.uint()
    drops = try object[receives ? Key.rxHardwareDrops : .txHardwareDrops]?.uint()
    allocationFailures = try object[Key.rxAllocFail]?.uint()
  }
}

extension Host {
  package func queueStatistics(
    _ device: String, ifindex: UInt32
  ) throws(KernelError) -> [QueueStatistics] {
    let objects = try netdevDump(.queueStatisticsGet, device) {
      $0.put(QueueStatistics.ifindexAttribute, ifindex)
      $0.put(QueueStatistics.scopeAttribute, QueueStatistics.queueScope)
    }
    return try decoding("qstats-get \(device)") { () throws(DecodeError) in
      try objects.map { (object) throws(DecodeError) in try QueueStatistics(object) }
    }
  }
}
