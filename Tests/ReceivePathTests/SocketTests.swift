import Glibc
import KernelIO
import Netlink
import Notation
import TestSupport
import TestTraits
import Testing

@testable import ReceivePath

@Suite("Sockets", .ownThread) struct SocketTests {
  /// One row of a dump, as 6.18 sends it.
  static func message(
    family: UInt8 = 2, port: UInt16 = 80, peer: UInt16 = 0, interface: UInt32 = 0,
    queue: UInt32 = 3, limit: UInt32 = 128, inode: UInt32 = 4711, cookie: UInt64 = 1,
    drops: UInt32? = 15, isIPv6Only: Bool? = nil
  ) -> NetlinkMessage {
    var header: [UInt8] = [family, 10, 0, 0]
    header += [UInt8(port >> 8), UInt8(port & 0xff), UInt8(peer >> 8), UInt8(peer & 0xff)]
    header += family == 2 ? [127, 0, 0, 1] + [UInt8](repeating: 0, count: 12) : Array(0..<16)
    header += [UInt8](repeating: 0, count: 16)
    header += hostBytes(interface) + hostBytes(cookie)
    for value in [0, queue, limit, 1000, inode] { header += hostBytes(value) }
    var writer = AttributeWriter(header: header)
    if let isIPv6Only { writer.put(11, UInt8(isIPv6Only ? 1 : 0)) }
    let memory: [UInt32] = [1, 212_992, 3, 4, 5, 6, 7, 8] + (drops.map { [$0] } ?? [])
    writer.put(7, bytes: memory.flatMap { hostBytes($0) })
    return NetlinkMessage(type: 20, payload: writer.bytes)
  }

  @Test func decodesARow() throws {
    let socket = try InetSocket(decoding: Self.message(), .tcp)
    #expect(socket.address == IPAddress("127.0.0.1") && socket.port == 80)
    #expect(socket.receiveQueue == 3 && socket.sendQueue == 128)
    #expect(socket.uid == 1000 && socket.inode == 4711 && socket.cookie == 1)
    #expect(socket.interface == nil && socket.peer == nil && socket.isIPv6Only == nil)
    #expect(socket.memory?.receiveBuffer == 212_992 && socket.memory?.drops == 15)

    let six = try InetSocket(
      decoding: Self.message(
        family: 10, peer: 53, interface: 9, cookie: 1 << 40, drops: nil, isIPv6Only: false), .udp)
    #expect(six.address.description == "1:203:405:607:809:a0b:c0d:e0f")
    #expect(six.peer?.port == 53 && six.interface == 9 && six.cookie == 1 << 40)
    #expect(six.isIPv6Only == false)
    // Kernels before 4.7 count no drops: that is no 0.
    #expect(six.memory != nil && six.memory?.drops == nil)
  }

  @Test func truncatedAndForeignRowsSayWhere() throws {
    let whole = Self.message(isIPv6Only: true).payload
    let outcome = everyPrefix(whole) {
      _ = try InetSocket(decoding: NetlinkMessage(type: 20, payload: $0), .tcp)
    }
    #expect(outcome.cut > 72)
    for message in [Self.message(family: 1), NetlinkMessage(type: 3, payload: whole)] {
      #expect(throws: DecodeError.self) { try InetSocket(decoding: message, .tcp) }
    }
  }

  func sockets(_ messages: [NetlinkMessage]) throws -> [InetSocket] {
    try messages.map { try InetSocket(decoding: $0, .tcp) }
  }

  @Test func groupsShareEverythingButTheSocket() throws {
    let groups = ListenerGroup.groups(
      try sockets([
        Self.message(queue: 0, drops: 0), Self.message(port: 81, cookie: 2),
        Self.message(queue: 9, cookie: 3, drops: 12), Self.message(interface: 2, cookie: 4),
        Self.message(family: 10, cookie: 5, isIPv6Only: false),
        Self.message(family: 10, cookie: 6, isIPv6Only: true),
      ]))
    #expect(groups.map(\.members.count) == [2, 1, 1, 1, 1])
    let group = groups[0]
    #expect(group.key.port == 80)
    #expect(group.queued == 9 && group.limit == 256 && group.drops == 12)
    #expect(group.queueSkew == 2 && group.dropSkew == 2)
    #expect(groups[1].queueSkew == nil)
    #expect(groups[3].key.isIPv6Only == false && groups[4].key.isIPv6Only == true)
  }

  @Test func nothingToCompareIsNoSkew() throws {
    #expect([5.0].skew == nil && [0.0, 0].skew == nil)
    #expect([4.0, 4].skew == 1 && [0.0, 0, 6].skew == 3)
    let uncounted = ListenerGroup.groups(
      try sockets([Self.message(drops: nil), Self.message(cookie: 2, drops: 4)]))
    #expect(uncounted[0].drops == nil && uncounted[0].dropSkew == nil)
  }

  @Test func tenThousandListenersAreLinear() throws {
    let clock = ContinuousClock()
    func time(_ count: UInt32) throws -> Duration {
      let messages = (0..<count).map {
        Self.message(port: UInt16(1024 + $0 / 4), inode: $0, cookie: UInt64($0))
      }
      var groups: [ListenerGroup] = []
      let duration = try clock.measure { groups = ListenerGroup.groups(try sockets(messages)) }
      #expect(groups.count == Int(count) / 4)
      return duration
    }
    let (small, large) = (try time(2000), try time(20_000))
    // Tenfold is linear; a square would be a hundredfold.
    #expect(large < small * 40, "\(small) for 2,000 sockets, \(large) for 20,000")
  }

  @Test func aKernelWithoutIPv6HasItsIPv4Sockets() throws {
    let kernel = ScriptedKernel()
    func request(_ family: UInt8) -> NetlinkRequest {
      NetlinkRequest(
        .sockDiag, type: 20, flags: .dump,
        payload: [family, 6, 0x40, 0] + hostBytes(UInt32(1 << 10))
          + [UInt8](repeating: 0, count: 48), subject: "")
    }
    // The table changed during the dump: one socket is told twice.
    kernel.replies[request(2)] = [Self.message(), Self.message(), Self.message(cookie: 2)]
    #expect(try Host(kernel).listeners().map(\.cookie) == [1, 2])
    kernel.replies[request(10)] = [Self.message(family: 10, cookie: 3)]
    #expect(try Host(kernel).listeners().map(\.cookie) == [1, 2, 3])
    kernel.failures["tcp sockets of ipv6"] = .io
    #expect(throws: KernelError.self) { try Host(kernel).listeners() }
  }
}

@Suite("Socket owners", .ownThread) struct SocketOwnerTests {
  func kernel() -> ScriptedKernel {
    let kernel = ScriptedKernel(["/proc/9/comm": "nginx: (a) \n", "/proc/10/comm": "late\n"])
    kernel.links[.proc("9/fd/3")] = "socket:[4711]"
    kernel.links[.proc("9/fd/4")] = "/dev/null"
    kernel.links[.proc("10/fd/3")] = "socket:[4711]"
    kernel.links[.proc("10/fd/5")] = "socket:[4712]"
    return kernel
  }

  @Test func theFirstHolderIsTheOwner() throws {
    let owners = try Host(kernel()).socketOwners([4711, 4712])
    #expect(owners[4711] == .value(SocketOwner(pid: 9, command: "nginx: (a)")))
    #expect(owners[4712] == .value(SocketOwner(pid: 10, command: "late")))
  }

  @Test func nothingWantedCostsNothing() throws {
    let kernel = kernel()
    kernel.failures["/proc/."] = .io
    #expect(try Host(kernel).socketOwners([0])[0].absence?.reason == .notInNamespace)
    #expect(kernel.reads.isEmpty)
  }

  @Test func anOwnerThatIsHiddenNeedsPrivilege() throws {
    let open = kernel()
    #expect(try Host(open).socketOwners([99])[99].absence?.reason == .notInNamespace)

    let denied = kernel()
    denied.failures["/proc/10/fd"] = .accessDenied
    let owners = try Host(denied).socketOwners([4711, 4712])
    #expect(owners[4711].value?.pid == 9)
    #expect(owners[4712].absence?.reason == .needsPrivilege)

    for (option, reason) in [
      ("hidepid=2", Absence.Reason.needsPrivilege), ("hidepid=invisible", .needsPrivilege),
      ("hidepid=off", .notInNamespace),
    ] {
      let hiding = kernel()
      hiding["/proc/self/mounts"] = "sysfs /sys sysfs rw 0 0\nproc /proc proc rw,\(option) 0 0\n"
      #expect(try Host(hiding).socketOwners([99])[99].absence?.reason == reason)
    }
  }

  @Test(arguments: ["socket:[x]", "socket:[99999999999]", "socket:[", "socket:[]", "pipe:[1]", ""])
  func otherFilesAreNoSockets(target: String) { #expect(SocketOwners.inode(target) == nil) }
}

@Suite("Protocol counters", .ownThread) struct ProtocolCounterTests {
  static let snmp = """
    Tcp: RtoMax MaxConn ActiveOpens
    Tcp: 120000 -1 137
    Udp: InDatagrams RcvbufErrors
    Udp: 7 18446744073709551615

    """

  @Test func byGroupAndName() throws {
    var counters = ProtocolCounters()
    try counters.add(table: Array(Self.snmp.utf8), "snmp")
    try counters.add(list: Array("Ip6InReceives  \t1\nUdp6RcvbufErrors\t2\n".utf8), "snmp6")
    #expect(counters["TcpActiveOpens"] == 137)
    #expect(counters["UdpRcvbufErrors"] == .max)
    #expect(counters["Udp6RcvbufErrors"] == 2)
    // A setting that is no number of events, and a counter of other kernels.
    #expect(counters["TcpMaxConn"] == nil && counters["TcpExtListenDrops"] == nil)
  }

  @Test(arguments: [
    ("Tcp: A B\nTcp: 1\n", "the number of TcpB is missing"),
    ("Tcp: A\nTcp: 1 2\n", "more numbers than names"),
    ("Tcp: A\nUdp: 1\n", "the numbers of Tcp are missing"),
    ("Tcp: A\n", "the numbers of Tcp are missing"), ("Tcp A\n", "a line without its group"),
    ("Tcp: A\nTcp: x\n", "the number of TcpA is missing"), ("Tcp: A\nTcp: 1", "cut short"),
  ])
  func badTablesSayWhere(text: String, problem: String) {
    var counters = ProtocolCounters()
    let error = #expect(throws: DecodeError.self) {
      try counters.add(table: Array(text.utf8), "snmp")
    }
    #expect(error?.problem.contains(problem) == true)
  }

  @Test func everyPrefixIsWholePairsOrAnError() {
    let outcome = everyPrefix(Array(Self.snmp.utf8)) {
      var counters = ProtocolCounters()
      try counters.add(table: $0, "snmp")
    }
    #expect(outcome.whole == 3)
  }

  @Test func agreesWithTheFilesOfThisMachine() throws {
    let counters = try Host(LiveKernel()).protocolCounters()
    for name in [
      "TcpExtListenOverflows", "TcpExtListenDrops", "TcpExtTCPReqQFullDoCookies",
      "TcpExtTCPReqQFullDrop", "TcpExtTCPBacklogDrop", "UdpRcvbufErrors", "UdpInErrors",
    ] {
      #expect(counters[name] != nil, "\(name)")
    }
  }

  @Test(
    .enabled(
      if: Machine.has("nstat") && NetworkNamespace.isAvailable, "needs nstat(8), and root"))
  func countersAreThoseOfNstat() throws {
    // Of a namespace of its own, where nothing counts meanwhile; loopback has counted something.
    try NetworkNamespace.run { namespace in
      try namespace.shell("ping -c 1 127.0.0.1")
      let counters = try Host(LiveKernel()).protocolCounters()
      let rows = try namespace.shell("nstat -a -z -s").split(separator: "\n")
        .map { $0.split(separator: " ").map(String.init) }
        .filter { $0.count > 1 && $0[0] != "#kernel" && $0[0] != "TcpMaxConn" }
      #expect(rows.count > 100)
      for row in rows { #expect(counters[row[0]].map(String.init) == row[1], "\(row[0])") }
      #expect(rows.contains { $0[0] == "IcmpInEchos" && $0[1] == "1" })
    }
  }
}
