import KernelIO
import Knobs
import Netlink
import TestSupport
import Testing

@testable import ReceivePath

/// What concerns no device in particular.
@Suite("Readings of the host") struct HostReadingsTests {
  private static let packet = """
    sk               RefCnt Type Proto  Iface R Rmem   User   Inode
    0000000000000000 3      3    0003   2     1 0      0      4711
    0000000000000000 3      2    888e   0     1 0      101    4712
    0000000000000000 3      3    0003   0     0 0      0      4713

    """

  @Test func packetSocketsAreToldApart() throws {
    let host = ReceivePath.Host(ScriptedKernel(["/proc/net/packet": Self.packet]))
    let sockets = try host.packetSockets()
    #expect(sockets.map(\.ifindex) == [2, nil, nil])
    #expect(sockets.map(\.ethertype) == [3, 0x888e, 3])
    #expect(sockets.map(\.getsAll) == [true, false, false])
    #expect(sockets.map(\.inode) == [4711, 4712, 4713])
  }

  /// Cut anywhere, it is an error or fewer sockets, and no other ones.
  @Test func packetSocketsThatWereCut() {
    let whole = Array(Self.packet.utf8)
    let sockets = try? PacketSocket.table(decoding: whole)
    for length in 0..<whole.count {
      guard let some = try? PacketSocket.table(decoding: Array(whole.prefix(length))) else {
        continue
      }
      #expect(sockets?.starts(with: some) == true, "\(length)")
    }
  }

  @Test(arguments: [("727.26 687.70\n", 727.26), ("0.00 0.00\n", 0), ("12\n", 12)])
  func uptimeIsInSeconds(_ text: String, seconds: Double) throws {
    #expect(try ReceivePath.Host(ScriptedKernel(["/proc/uptime": text])).uptime() == seconds)
  }

  @Test(arguments: ["", "x", "-1 2", "nan 1", "inf", "1e999 1"])
  func uptimeThatIsNone(_ text: String) {
    #expect(throws: KernelError.self) {
      _ = try ReceivePath.Host(ScriptedKernel(["/proc/uptime": text])).uptime()
    }
  }

  @Test func softirqThreadsAreFoundByName() throws {
    let stat = "13 (ksoftirqd/0) S 2 0 0 0 -1 69238848 0 0 0 0 12 30 0 0 20 0 1 0 5 0 0"
    let kernel = ScriptedKernel([
      "/sys/devices/system/cpu/online": "0-1\n", "/proc/2/comm": "kthreadd\n",
      "/proc/13/comm": "ksoftirqd/0\n", "/proc/13/stat": stat + "\n",
      "/proc/22/comm": "ksoftirqd/1\n",
      "/proc/22/stat": "22 (a) b (ksoftirqd/1) S 2 0 0 0 -1 0 0 0 0 0 1 2 0 0\n",
      "/proc/99/comm": "secret\n",
    ])
    let threads = try ReceivePath.Host(kernel).softirqThreads()
    #expect(threads.map(\.cpu) == [0, 1] && threads.map(\.ticks) == [42, 3])
    // Nobody else is asked for a name once all are found.
    #expect(!kernel.reads.contains(.proc("99/comm")))
    kernel["/proc/2/comm"] = "bash\n"
    #expect(throws: KernelError.self) { _ = try ReceivePath.Host(kernel).softirqThreads() }
  }

  @Test(arguments: ["", "13 (ksoftirqd/0", "13 (a) S 1 2", "13 (a) S 2 0 0 0 -1 0 0 0 0 0 x 30"])
  func ticksOfWhatIsNoStat(_ text: String) {
    #expect(throws: DecodeError.self) { _ = try SoftirqThread.ticks(decoding: text, "stat") }
  }

  @Test func connectionsAndForwarding() throws {
    let kernel = ScriptedKernel([
      "/proc/sys/net/netfilter/nf_conntrack_count": "17\n",
      "/proc/sys/net/netfilter/nf_conntrack_max": "262144\n",
      "/proc/sys/net/ipv4/ip_forward": "1\n",
    ])
    let host = ReceivePath.Host(kernel)
    #expect(try host.connectionTracking() == ConnectionTracking(count: 17, maximum: 262_144))
    #expect(try host.forwarding() == Forwarding(ipv4: true, ipv6: nil))
    #expect(try host.forwarding().isOn)
    kernel["/proc/sys/net/ipv4/ip_forward"] = "0\n"
    kernel["/proc/sys/net/ipv6/conf/all/forwarding"] = "1\n"
    #expect(try host.forwarding() == Forwarding(ipv4: false, ipv6: true))
    let none = ReceivePath.Host(ScriptedKernel())
    #expect(throws: KernelError.self) { _ = try none.connectionTracking() }
  }

  @Test func idleLatenciesAreThoseOfTheFirstCPU() throws {
    let kernel = ScriptedKernel(["/sys/devices/system/cpu/online": "2-3\n"])
    let folder = "/sys/devices/system/cpu/cpu2/cpuidle"
    for (state, latency) in [(0, 0), (1, 2), (10, 890)] {
      kernel["\(folder)/state\(state)/latency"] = "\(latency)\n"
      kernel["\(folder)/state\(state)/disable"] = "0\n"
    }
    #expect(try ReceivePath.Host(kernel).idleLatencies() == [0: 0, 1: 2, 10: 890])
    kernel["\(folder)/state1/latency"] = "deep\n"
    #expect(throws: KernelError.self) { _ = try ReceivePath.Host(kernel).idleLatencies() }
    let virtual = ReceivePath.Host(ScriptedKernel(["/sys/devices/system/cpu/online": "0\n"]))
    #expect(throws: KernelError.self) { _ = try virtual.idleLatencies() }
  }

  @Test func pauseFramesOfAReply() throws {
    var writer = AttributeWriter()
    writer.nest(5) {
      $0.put(2, UInt64(7))
      $0.put(3, UInt64(9))
    }
    let attributes = try Attributes(writer.bytes[...], "pause-get")
    #expect(try PauseFrames(attributes) == PauseFrames(sent: 7, received: 9))
    let none = try Attributes(AttributeWriter().bytes[...], "pause-get")
    #expect(try PauseFrames(none) == PauseFrames(sent: nil, received: nil))
  }

  /// Asked for once each, whole or not at all.
  @Test(.enabled(if: NetworkNamespace.isAvailable, "needs root, for a network namespace"))
  func aSnapshotHasThemOnDemand() throws {
    try NetworkNamespace.run { namespace in
      try namespace.addVeth("v0", "v1")
      let host = ReceivePath.Host(LiveKernel())
      let links = try host.links()
      let plain = host.snapshot(of: links)
      #expect(plain.readings == nil && plain.devices.allSatisfy { $0.pauseFrames == nil })
      #expect(plain.devices.allSatisfy { $0.threads == nil })
      try namespace.shell("echo 1 >/sys/class/net/v0/threaded")
      let whole = host.snapshot(of: links, isWhole: true)
      let readings = try #require(whole.readings)
      #expect(readings.uptime.value ?? 0 > 0)
      #expect(readings.processors.value?.isEmpty == false)
      #expect(readings.packetSockets.value?.isEmpty == true)
      #expect(readings.forwarding.value?.ipv4 == false)
      #expect(readings.counters.value?["UdpRcvbufErrors"] == 0)
      #expect(whole.links == links)
      let threads = try #require(whole.devices.first { $0.link.name == "v0" }?.threads)
      #expect(
        threads.count == 4 && threads.allSatisfy { $0.value?.name.hasPrefix("napi/v0") == true })
      #expect(whole.devices.allSatisfy { $0.pauseFrames?.absence?.reason == .notSupported })
    }
  }
}
