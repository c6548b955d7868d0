import Glibc
import KernelIO
import Netlink
import TestSupport
import Testing

@testable import ReceivePath

@Suite("Links") struct LinkTests {
  /// RTM_NEWLINK as 6.18 sends it for a veth, less what is not read.
  static func message(
    name: String = "v0", index: Int32 = 7, counters: Int = 25,
    _ more: (inout AttributeWriter) -> Void = { _ in }
  ) -> NetlinkMessage {
    message(name: name, index: index, counters: counters, kind: "veth", data: { _ in }, more)
  }

  static func message(
    name: String, index: Int32, kind: String, data: (inout AttributeWriter) -> Void
  ) -> NetlinkMessage {
    message(name: name, index: index, counters: 25, kind: kind, data: data) { _ in }
  }

  private static func message(
    name: String, index: Int32, counters: Int, kind: String, data: (inout AttributeWriter) -> Void,
    _ more: (inout AttributeWriter) -> Void
  ) -> NetlinkMessage {
    var writer = AttributeWriter(
      header: [0, 0, 1, 0] + hostBytes(index) + hostBytes(UInt32(0x11043)) + [0, 0, 0, 0])
    writer.put(3, name)
    writer.put(4, UInt32(1500))
    writer.put(16, UInt8(6))
    writer.put(33, UInt8(1))
    writer.put(1, bytes: [2, 0xfc, 0, 0, 0, 1])
    writer.nest(52) {
      $0.put(53, "alt-one")
      $0.put(53, "alt-two")
    }
    writer.nest(18) { info in
      info.put(1, kind)
      info.nest(2, data)
    }
    writer.put(23, bytes: (1...UInt64(counters)).flatMap { hostBytes($0) })
    more(&writer)
    return NetlinkMessage(type: 16, payload: writer.bytes)
  }

  @Test func decodesAMessage() throws {
    let link = try Link(
      decoding: Self.message {
        $0.put(51, UInt32(0))
        $0.nest(43) { xdp in
          xdp.put(2, UInt8(1))
          xdp.put(4, UInt32(42))
        }
      })
    #expect(link.name == "v0" && link.index == 7 && link.mtu == 1500)
    #expect(link.kind == "veth" && link.alternativeNames == ["alt-one", "alt-two"])
    #expect(link.isUp && !link.flags.contains(.loopback))
    #expect(link.operState == .up && link.carrier == true && link.hasLink == true)
    var down = link
    down.flags.remove(.up)
    #expect(down.carrier == true && down.hasLink == false)
    #expect(link.addressText == "02:fc:00:00:00:01")
    #expect(link.maxMTU == nil && link.minMTU == nil && link.master == nil)
    #expect(link.xdp == Link.XDP(mode: .native, program: 42))
    #expect(link.statistics?.rxPackets == 1)
    #expect(link.statistics?.rxMissedErrors == 16)
    #expect(link.parentDevice == nil)
  }

  /// 23 counters before 4.6, 24 before 5.19; more than 25 are to come.
  @Test(arguments: [(23, false), (24, true), (25, true), (30, true)])
  func countersOfEveryKernel(count: Int, noHandler: Bool) throws {
    let statistics = try Link(decoding: Self.message(counters: count)).statistics
    #expect((statistics?.rxNoHandler != nil) == noHandler)
  }

  @Test func aTruncatedMessageSaysWhere() throws {
    let whole = Self.message().payload
    let outcome = everyPrefix(whole) {
      _ = try Link(decoding: NetlinkMessage(type: 16, payload: $0))
    }
    #expect(outcome.cut > whole.count / 3)
    let error = #expect(throws: DecodeError.self) {
      try Link(decoding: NetlinkMessage(type: 16, payload: Array(whole[..<20])))
    }
    #expect(error?.description.hasPrefix("link: byte") == true)
    #expect(throws: DecodeError.self) {
      try Link(decoding: NetlinkMessage(type: 17, payload: whole))
    }
  }

  @Test func everyDeviceOfThisMachine() throws {
    let host = Host(LiveKernel())
    let links = try host.links()
    let loopback = try #require(links.first { $0.flags.contains(.loopback) })
    #expect(!host.isPhysical(loopback))
    for link in links {
      let single = try host.link(link.name)
      #expect(single.index == link.index)
      #expect(try host.link(index: link.index).name == link.name)
    }
    #expect(Set(links.map(\.name)).isSubset(of: try host.kernel.list(.sys("class/net"))))
    for link in links {
      #expect(SysfsNamespace.check([link], host).absence(of: link) == nil)
    }
  }

  @Test(arguments: ["nosuch0", "a/b", "..", "%s %n", "a name longer than a name may be", ""])
  func anUnknownDeviceIsRefused(name: String) {
    #expect(throws: KernelError.self) { try Host(LiveKernel()).link(name) }
  }

  @Test(.enabled(if: NetworkNamespace.isAvailable, "needs root, for a network namespace"))
  func agreesWithIpOnAVethOf4Queues() throws {
    try NetworkNamespace.run { namespace in
      try namespace.shell(
        """
        ip link add v0 numrxqueues 4 numtxqueues 4 type veth \\
          peer name v1 numrxqueues 4 numtxqueues 4
        ip link property add dev v0 altname an-alternative-name-of-v0
        ip link add br0 type bridge
        ip link set v1 master br0
        ip link set v0 up
        ip link set v1 mtu 1400 txqueuelen 77 up
        """)
      let host = Host(LiveKernel())
      // The kernel settles operstates in the background: compare once both sides saw the same.
      var expected: [[String: Any]] = []
      var links: [Link] = []
      for _ in 0..<50 {
        expected = try Machine.json(namespace.shell("ip -s -d -json link show"))
        links = try host.links()
        let states = expected.map { $0["operstate"] as? String }
        if states == links.map({ $0.operState?.name.uppercased() }) { break }
        usleep(100_000)
      }
      try compare(links, expected)
      #expect(try host.link("an-alternative-name-of-v0").name == "v0")
      #expect(SysfsNamespace.check(links, host) == SysfsNamespace.check([], host))
    }
  }

  private func compare(_ links: [Link], _ expected: [[String: Any]]) throws {
    #expect(links.count == expected.count && links.count == 4)
    for entry in expected {
      let link = try #require(links.first { $0.name == entry["ifname"] as? String })
      #expect(Int(link.index) == entry["ifindex"] as? Int)
      #expect(Int(link.mtu) == entry["mtu"] as? Int)
      #expect(link.addressText == entry["address"] as? String)
      #expect(link.rxQueues.map(Int.init) == entry["num_rx_queues"] as? Int)
      #expect(link.txQueues.map(Int.init) == entry["num_tx_queues"] as? Int)
      #expect(link.txQueueLength.map(Int.init) == entry["txqlen"] as? Int)
      #expect(link.minMTU.map(Int.init) == entry["min_mtu"] as? Int)
      #expect((link.maxMTU.map(Int.init) ?? 0) == entry["max_mtu"] as? Int)
      #expect(link.groMaxSize.map(Int.init) == entry["gro_max_size"] as? Int)
      #expect(link.operState?.name.uppercased() == entry["operstate"] as? String)
      let info = entry["linkinfo"] as? [String: Any]
      #expect(link.kind == info?["info_kind"] as? String)
      let flags = try #require(entry["flags"] as? [String])
      #expect(link.isUp == flags.contains("UP"))
      #expect(link.hasLink == flags.contains("LOWER_UP"))
      let master = links.first { $0.index == link.master }?.name
      #expect(master == entry["master"] as? String)
      let peer = links.first { $0.index == link.lower }?.name
      #expect(peer == entry["link"] as? String)
      let counters = try #require(
        (entry["stats64"] as? [String: Any])?["rx"] as? [String: Any])
      #expect(counters["dropped"] as? Int == link.statistics.map { Int($0.rxDropped) })
      #expect(
        counters["missed_errors"] as? Int ?? 0 == link.statistics.map { Int($0.rxMissedErrors) })
    }
  }

  @Test(.enabled(if: NetworkNamespace.isAvailable, "needs root, for a network namespace"))
  func aSysfsOfAnotherNamespaceIsNoticed() throws {
    try NetworkNamespace.run { outside in
      // A name that both namespaces have, for two devices.
      try outside.shell("ip link add both index 77 type bridge")
      let sysfs = try outside.shell("d=$(mktemp -d) && mount --bind /sys $d && printf %s $d")
      defer { _ = try? outside.shell("umount \(sysfs) && rmdir \(sysfs)") }
      try NetworkNamespace.run { namespace in
        try namespace.shell("ip link add both type bridge; ip link add here type bridge")
        try expectStale(Host(LiveKernel(sysRoot: sysfs)), namespace)
      }
    }
  }

  private func expectStale(_ host: Host, _ namespace: NetworkNamespace) throws {
    let links = try host.links()
    let sysfs = SysfsNamespace.check(links, host)
    for name in ["both", "here"] {
      let link = try #require(links.first { $0.name == name })
      #expect(sysfs.absence(of: link)?.reason == .notInNamespace)
      let reading = sysfs.reading(link) { () throws(KernelError) in
        try host.kernel.text(link.devicePath("mtu"))
      }
      #expect(reading.absence?.reason == .notInNamespace)
    }
    let gone = try #require(links.first { $0.name == "here" })
    try namespace.shell("ip link del here")
    #expect(SysfsNamespace.check([gone], host).absence(of: gone)?.reason == .gone)
  }

  @Test func withoutSysNothingIsClaimed() throws {
    let link = try Link(decoding: Self.message())
    let host = Host(ScriptedKernel())
    #expect(SysfsNamespace.check([link], host).absence(of: link)?.reason == .unreadable)
  }
}
