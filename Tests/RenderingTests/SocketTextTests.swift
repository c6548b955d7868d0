import Testing

@testable import ReceivePath
@testable import Rendering

@Suite("Sockets as text") struct SocketTextTests {
  /// A SYN that was answered with a cookie was not lost.
  @Test func whatWasLostIsNoMore() throws {
    var counters = ProtocolCounters()
    let table = "TcpExt: TCPReqQFullDoCookies TCPReqQFullDrop\nTcpExt: 15 "
    try counters.add(table: Array("\(table)0\n".utf8), "netstat")
    func told() -> String? {
      SocketText(
        SocketSnapshot(
          listeners: .value([]), udp: .value([]), owners: SocketOwners(),
          counters: .value(counters))
      ).lines.last
    }
    #expect(told() == "lost at sockets: nothing")
    try counters.add(table: Array("\(table)2\n".utf8), "netstat")
    #expect(told() == "lost at sockets: TcpExtTCPReqQFullDrop 2")
  }
}
