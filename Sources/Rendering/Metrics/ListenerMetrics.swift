import Notation
import ReceivePath

extension Metric {
  /// The TCP listeners on an address and port, whatever device, user or process they belong to.
  private struct Listener: Sendable {
    struct Key: Hashable, Sendable {
      var address: IPAddress
      var port: UInt16
    }
    var key: Key
    var members: [InetSocket]
  }

  private static let listener: [Label<Listener>] = [
    Label("family") { $0.key.address.isIPv6 ? "ipv6" : "ipv4" },
    Label("address") { $0.key.address.description },
    Label("port") { "\($0.key.port)" },
  ]

  @Sendable private static func listeners(_ reading: MetricsReading) -> [Listener] {
    (reading.listeners ?? []).grouped { Listener.Key(address: $0.address, port: $0.port) }
      .map { Listener(key: $0.key, members: $0.members) }
  }

  /// Accept queues, by listener: node_exporter has the namespace's sums.
  static let listeners: [Metric] = [
    Metric(
      "rxtune_listener_sockets", .gauge,
      "Listening sockets on an address and port; more than one share connections (SO_REUSEPORT).",
      listener, of: listeners
    ) { .count(UInt64($0.members.count)) },
    Metric(
      "rxtune_listener_queued", .gauge,
      "Connections that wait to be accepted, over all sockets of a listener.",
      listener, of: listeners
    ) { .count($0.members.reduce(0) { $0 + UInt64($1.receiveQueue) }) },
    Metric(
      "rxtune_listener_queued_max", .gauge,
      "Connections that wait at the fullest socket of a listener.", listener, of: listeners
    ) { $0.members.map { UInt64($0.receiveQueue) }.max().asCount },
    Metric(
      "rxtune_listener_queue_limit", .gauge,
      "Length of the accept queue of one socket of a listener, the shortest.",
      listener, of: listeners
    ) { $0.members.map { UInt64($0.sendQueue) }.min().asCount },
    Metric(
      "rxtune_listener_drops_total", .counter,
      "Connections that the open sockets of a listener dropped; falls when one of them closes.",
      listener, of: listeners
    ) { listener in
      let drops = listener.members.compactMap { $0.memory?.drops }
      guard drops.count == listener.members.count else { return nil }
      // Each wraps by itself at 32 bits, and so does the sum.
      return .count(UInt64(drops.reduce(0, &+)))
    },
  ]
}
