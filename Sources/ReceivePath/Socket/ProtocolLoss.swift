/// A counter of packets or connections that listeners and UDP sockets of a network namespace lost
/// (networking/snmp_counter.rst).
package struct ProtocolLoss: Sendable {
  /// As nstat(8) names it.
  package let name: String
  /// It counts what no other of these does.
  package let isWhole: Bool
  package let meaning: String

  package static let all: [ProtocolLoss] = [
    .init("TcpExtListenOverflows", isWhole: false, "accept queue full"),
    .init("TcpExtListenDrops", "connections that a listener dropped, for any reason"),
    .init("TcpExtTCPReqQFullDrop", isWhole: false, "SYN queue full, without syncookies"),
    .init("TcpExtTCPBacklogDrop", "a process held the socket, and its backlog was full"),
    .init("TcpExtTCPRcvQDrop", "receive buffer full"),
    .init(
      "TcpExtTCPMigrateReqFailure", isWhole: false, "a connection did not find another listener"),
    .init("UdpRcvbufErrors", "receive buffer full: the program reads too slowly"),
    .init("UdpMemErrors", "net.ipv4.udp_mem is used up"),
    .init("Udp6RcvbufErrors", "receive buffer full: the program reads too slowly"),
  ]

  package static let names = all.map(\.name)

  private init(_ name: String, isWhole: Bool = true, _ meaning: String) {
    self.name = name
    self.isWhole = isWhole
    self.meaning = meaning
  }
}
