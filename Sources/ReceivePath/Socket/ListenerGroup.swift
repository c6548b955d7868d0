package import Notation

/// The listeners on one address and port: one, or an SO_REUSEPORT group among whose members the
/// kernel shares out connections (socket(7)).
///
/// Two TCP sockets can listen on the same address only as a group. A lone socket may have the
/// option set or not: sock_diag does not tell.
package struct ListenerGroup: Hashable, Sendable {
  package var key: Key
  /// In the kernel's order.
  package var members: [InetSocket]

  /// What members of a group have in common (net/ipv4/inet_hashtables.c, inet_reuseport_add_sock).
  package struct Key: Hashable, Sendable {
    package var transport: InetSocket.TransportProtocol
    package var family: InetSocket.Family
    package var address: IPAddress
    package var port: UInt16
    package var interface: UInt32?
    /// False: IPv4 connections to the port come here too, unless an IPv4 listener takes them.
    package var isIPv6Only: Bool?
    package var uid: UInt32

    package init(_ socket: InetSocket) {
      transport = socket.transport
      family = socket.family
      address = socket.address
      port = socket.port
      interface = socket.interface
      isIPv6Only = socket.isIPv6Only
      uid = socket.uid
    }
  }

  /// Connections that wait to be accepted, over all members.
  package var queued: UInt64 { members.reduce(0) { $0 + UInt64($1.receiveQueue) } }
  package var limit: UInt64 { members.reduce(0) { $0 + UInt64($1.sendQueue) } }
  /// nil where the kernel does not count them.
  package var drops: UInt64? {
    let drops = members.compactMap { $0.memory?.drops }
    return drops.count == members.count ? drops.reduce(0) { $0 + UInt64($1) } : nil
  }

  /// How unevenly the members wait, by their accept queues now.
  package var queueSkew: Skew? { Skew(members.map { UInt64($0.receiveQueue) }) }
  /// How unevenly they dropped since they were made.
  package var dropSkew: Skew? {
    drops == nil ? nil : Skew(members.map { UInt64($0.memory?.drops ?? 0) })
  }

  /// The largest member against the mean: 1 is even, `count` is all on one.
  package struct Skew: Hashable, Sendable {
    package var largest: UInt64
    package var mean: Double
    package var ratio: Double { Double(largest) / mean }

    /// nil for fewer than two members, or where all are 0: nothing to compare.
    package init?(_ values: [UInt64]) {
      guard values.count > 1, let largest = values.max(), largest > 0 else { return nil }
      self.largest = largest
      mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
    }
  }

  /// Groups sockets, in the order in which their first members come.
  package static func groups(_ sockets: [InetSocket]) -> [ListenerGroup] {
    var groups: [ListenerGroup] = []
    var place: [Key: Int] = [:]
    for socket in sockets {
      let key = Key(socket)
      if let index = place[key] {
        groups[index].members.append(socket)
      } else {
        place[key] = groups.count
        groups.append(ListenerGroup(key: key, members: [socket]))
      }
    }
    return groups
  }
}
