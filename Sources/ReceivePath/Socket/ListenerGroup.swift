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
  package var queueSkew: Double? { members.map { Double($0.receiveQueue) }.skew }
  /// How unevenly they dropped since they were made.
  package var dropSkew: Double? {
    drops == nil ? nil : members.map { Double($0.memory?.drops ?? 0) }.skew
  }

  /// Groups sockets, in the order in which their first members come.
  package static func groups(_ sockets: [InetSocket]) -> [ListenerGroup] {
    sockets.grouped(by: Key.init).map { ListenerGroup(key: $0.key, members: $0.members) }
  }
}
