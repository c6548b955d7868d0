package import KernelIO
package import Netlink

/// Counters of one queue: from the netdev family (netdev.yaml, qstats-get, since 6.10), or from
/// names that drivers use in ethtool -S.
package struct QueueStatistics: Hashable, Sendable {
  package var direction: Target.Direction
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

  package init(direction: Target.Direction, id: UInt32) {
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

extension DriverStatistics {
  /// Per-queue counters, where the driver's names tell them: `rx_queue_0_packets` (igb, ixgbe,
  /// virtio_net, veth), `rx0_packets` (mlx5, bnxt), `rx-0.packets` (i40e), `queue_0_rx_cnt` (ena).
  /// The first of several spellings of one counter wins.
  package func queueStatistics() -> [QueueStatistics] {
    var found: [QueueStatistics] = []
    for counter in counters {
      guard let name = QueueCounterName(counter.name) else { continue }
      // Drivers list a queue's counters together, or queue after queue of one counter.
      let place =
        found.lastIndex { $0.direction == name.direction && $0.id == name.queue } ?? found.count
      if place == found.count {
        found.append(QueueStatistics(direction: name.direction, id: name.queue))
      }
      switch name.counter {
      case .packets: found[place].packets = found[place].packets ?? counter.value
      case .bytes: found[place].bytes = found[place].bytes ?? counter.value
      case .drops: found[place].drops = found[place].drops ?? counter.value
      }
    }
    return found.sorted { ($0.direction.rawValue, $0.id) < ($1.direction.rawValue, $1.id) }
  }
}

/// A driver's counter name, taken apart.
struct QueueCounterName: Hashable {
  enum Counter: Hashable { case packets, bytes, drops }

  private enum Kind {
    case letter, digit, other

    init(_ byte: UInt8) {
      switch byte {
      case 0x30...0x39: self = .digit
      case 0x41...0x5a, 0x61...0x7a: self = .letter
      default: self = .other
      }
    }
  }

  var direction: Target.Direction
  var queue: UInt32
  var counter: Counter

  init?(_ name: String) {
    // Words and numbers, whatever stands between them: "rx-0.packets" → rx, 0, packets.
    var words: [[UInt8]] = []
    var kind = Kind.other
    for byte in name.utf8 {
      let next = Kind(byte)
      if next != .other {
        if next != kind { words.append([]) }
        words[words.count - 1].append(byte)
      }
      kind = next
    }
    words.removeAll { $0.elementsEqual("queue".utf8) }
    guard words.count >= 3 else { return nil }
    if words[0][...].decimal != nil { words.swapAt(0, 1) }
    guard let direction = Target.Direction(rawValue: words[0][...].text),
      let queue = words[1][...].decimal.flatMap({ UInt32(exactly: $0) })
    else { return nil }
    switch words[2...].map({ $0[...].text }).joined(separator: " ") {
    case "packets", "cnt", "pkts": counter = .packets
    case "bytes": counter = .bytes
    case "drops", "dropped", "drop": counter = .drops
    default: return nil
    }
    self.direction = direction
    self.queue = queue
  }
}
