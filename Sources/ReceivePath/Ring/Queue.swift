package import KernelIO
package import Knobs
package import Netlink

/// One queue as the netdev family tells it (netdev.yaml, queue-get).
package struct Queue: Hashable, Sendable {
  package var id: UInt32
  package var direction: Place.Direction
  /// Absent where the driver did not link the queue to its NAPI instance.
  package var napiID: UInt32?
  /// Whose packets or memory the queue is for, other than the host's stack: "xsk", "io-uring",
  /// "dmabuf", or "lease" to a virtual device.
  package var takenBy: String?

  private enum Key: UInt16 {
    case id = 1
    case ifindex = 2
    case type = 3
    case napiID = 4
    case dmabuf = 5
    case ioUring = 6
    case xsk = 7
    case lease = 8
  }
  private static let takers: [(Key, String)] = [
    (.xsk, "xsk"), (.ioUring, "io-uring"), (.dmabuf, "dmabuf"), (.lease, "lease"),
  ]
  static let ifindexAttribute = Key.ifindex.rawValue

  package init(_ object: Attributes) throws(DecodeError) {
    id = try object.required(Key.id).u32()
    direction = try object.required(Key.type).u32() == 0 ? .rx : .tx
    napiID = try object[Key.napiID]?.u32()
    takenBy = Self.takers.first { object[$0.0] != nil }?.1
  }
}

/// The queues that /sys/class/net/DEV/queues lists: those in use, not all that were allocated.
package struct QueueNumbers: Hashable, Sendable {
  /// Ascending.
  package var rx: [Int]
  package var tx: [Int]
}

extension Host {
  package func queueNumbers(_ device: String) throws(KernelError) -> QueueNumbers {
    let names = try kernel.list(.sys("class/net/\(device)/queues"))
    func numbers(_ direction: Place.Direction) -> [Int] {
      let prefix = direction.rawValue + "-"
      return names.compactMap { $0.hasPrefix(prefix) ? Int($0.dropFirst(prefix.count)) : nil }
        .filter { $0 >= 0 }.sorted()
    }
    return QueueNumbers(rx: numbers(.rx), tx: numbers(.tx))
  }

  /// The device's queues; none while it is down.
  package func queues(_ device: String, ifindex: UInt32) throws(KernelError) -> [Queue] {
    let objects = try netdevDump(.queueGet, device) { $0.put(Queue.ifindexAttribute, ifindex) }
    return try decoding("queue-get \(device)") { () throws(DecodeError) in
      try objects.map { (object) throws(DecodeError) in try Queue(object) }
    }
  }
}
