import Notation
package import ReceivePath

/// The sockets of `rxtune show --json`.
package enum SocketJSON {
  package static let shape = Record<SocketSnapshot>([
    Field("listeners", "TCP listeners, by address and port.", .reading(.array(of: group))) {
      sockets in
      sockets.listeners.map { $0.map { Owned(group: $0, owners: sockets.owners) } }
    },
    Field("udp", "UDP sockets, by address and port.", .reading(.array(of: group))) { sockets in
      sockets.udp.map { $0.map { Owned(group: $0, owners: sockets.owners) } }
    },
    Field(
      optional: "counters",
      "What sockets lost, and how listeners helped themselves, by nstat's names.",
      .reading(.keyed(by: .counter))
    ) { sockets in
      sockets.counters.map {
        $0.map { counters in
          (ProtocolLoss.names + SocketSnapshot.remedies).compactMap { name in
            counters[name].map { (name, $0) }
          }
        }
      }
    },
  ]).shape

  private struct Owned: Sendable {
    var group: ListenerGroup
    var owners: SocketOwners
  }

  private static let group = Record<Owned>([
    Field("family", "Address family: ipv4 or ipv6.", .string) {
      $0.group.key.address.isIPv6 ? "ipv6" : "ipv4"
    },
    Field("address", "Bound address.", .string) { $0.group.key.address.description },
    Field("port", "Bound port.", .integer) { Int($0.group.key.port) },
    Field(optional: "ifindex", "Index of the bound interface.", .counter32) {
      $0.group.key.interface
    },
    Field(optional: "ipv6-only", "Whether the socket refuses IPv4.", .bool) {
      $0.group.key.isIPv6Only
    },
    Field("uid", "User id.", .counter32) { $0.group.key.uid },
    Field("queued", "Connections or bytes waiting, over all members.", .counter) {
      $0.group.queued
    },
    Field(optional: "drops", "Drops, over all members.", .counter) { $0.group.drops },
    Field(optional: "queue-skew", "Ratio of the fullest member to the mean.", .number) {
      $0.group.queueSkew
    },
    Field(optional: "drop-skew", "Ratio of the member with most drops to the mean.", .number) {
      $0.group.dropSkew
    },
    Field("members", "Sockets; more than one form an SO_REUSEPORT group.", .array(of: member)) {
      owned in owned.group.members.map { Member(socket: $0, owner: owned.owners[$0.inode]) }
    },
  ]).shape

  private struct Member: Sendable {
    var socket: InetSocket
    var owner: Reading<SocketOwner>
  }

  private static let member = Record<Member>([
    Field("inode", "The socket's inode.", .counter32) { $0.socket.inode },
    Field("cookie", "The socket's cookie.", .counter) { $0.socket.cookie },
    Field(
      "rqueue", "TCP: connections waiting to be accepted; UDP: bytes waiting to be read.",
      .counter32
    ) {
      $0.socket.receiveQueue
    },
    Field("wqueue", "TCP: limit of the accept queue; UDP: bytes waiting to be sent.", .counter32) {
      $0.socket.sendQueue
    },
    Field(optional: "rmem", "Bytes of receive memory in use.", .counter32) {
      $0.socket.memory?.receiveAllocated
    },
    Field(optional: "rcvbuf", "Bytes of receive memory allowed.", .counter32) {
      $0.socket.memory?.receiveBuffer
    },
    Field(optional: "drops", "Packets or connections dropped.", .counter32) {
      $0.socket.memory?.drops
    },
    Field("owner", "A process that holds the socket.", .reading(owner)) { $0.owner },
  ]).shape

  private static let owner = Record<SocketOwner>([
    Field("pid", "Process id.", .integer) { $0.pid },
    Field(optional: "comm", "The process's name.", .string) { $0.command },
  ]).shape
}
