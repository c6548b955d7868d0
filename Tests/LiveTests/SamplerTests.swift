import KernelIO
import Netlink
import ReceivePath
import TestSupport
import TestTraits
import Testing

@testable import Live

/// Writes down what passes through.
private final class Witness: LayeredKernel {
  let kernel: any Kernel
  var paths: [String] = []
  var subjects: [String] = []
  var lists: [String] = []

  init(_ kernel: any Kernel) { self.kernel = kernel }

  func read(_ path: KernelPath) throws(KernelError) -> [UInt8] {
    paths.append(path.description)
    return try kernel.read(path)
  }

  func list(_ path: KernelPath) throws(KernelError) -> [String] {
    lists.append(path.description)
    return try kernel.list(path)
  }

  func netlink(_ request: NetlinkRequest) throws(KernelError) -> [NetlinkMessage] {
    subjects.append(request.subject)
    return try kernel.netlink(request)
  }
}

@Suite(
  "Sampler on a veth", .ownThread,
  .enabled(if: NetworkNamespace.isAvailable, "needs root, for a network namespace"))
struct SamplerTests {
  private func withVeth(_ body: (NetworkNamespace, Witness, Sampler) throws -> Void) throws {
    try NetworkNamespace.run { namespace in
      try namespace.addVeth("v0", "v1")
      let monitor = try EventMonitor(LiveKernel())
      // A link that comes up says so for a while.
      while !(try monitor.wait(timeoutMilliseconds: 300).isEmpty) {}
      let kernel = Witness(LiveKernel())
      // However slow the machine is, only what is announced makes it look again.
      let sampler = Sampler(
        Host(kernel), names: ["v0"], monitor: monitor, staleAfter: .max)
      try body(namespace, kernel, sampler)
    }
  }

  /// A tick is cheap: configuration is read again only where something may have changed.
  @Test func aTickReadsCountersAlone() throws {
    try withVeth { _, kernel, sampler in
      _ = try sampler.look()
      #expect(kernel.paths.contains("/sys/class/net/v0/queues/rx-0/rps_cpus"))
      (kernel.paths, kernel.subjects) = ([], [])
      _ = try sampler.look()
      #expect(
        kernel.paths.sorted() == [
          "/proc/net/netstat", "/proc/net/snmp", "/proc/net/snmp6", "/proc/net/softnet_stat",
          "/proc/softirqs", "/proc/stat",
        ])
      #expect(!kernel.subjects.contains("links"))
      #expect(kernel.subjects.count == 5, "\(kernel.subjects)")
    }
  }

  @Test func whatIsNeverAnnouncedIsReadAgainAfterAWhile() throws {
    try withVeth { namespace, kernel, _ in
      let sampler = Sampler(Host(kernel), names: ["v0"], staleAfter: 0)
      _ = try sampler.look()
      #expect(sampler.configuration.devices.first?.queues.first?.rpsCPUs == "")
      try namespace.shell("echo 1 >/sys/class/net/v0/queues/rx-0/rps_cpus")
      _ = try sampler.look()
      #expect(sampler.configuration.devices.first?.queues.first?.rpsCPUs == "0")
    }
  }

  @Test func whatTheKernelAnnouncesIsReadAgain() throws {
    try withVeth { namespace, _, sampler in
      _ = try sampler.look()
      #expect(sampler.configuration.devices.first?.queues.count == 4)
      #expect(sampler.configuration.devices.first?.source == .driver)
      try namespace.shell("ethtool -L v0 rx 2 tx 2")
      _ = try sampler.look()
      #expect(sampler.configuration.devices.first?.queues.count == 2)
    }
  }

  @Test func aDeviceIsFollowedWhenItIsRenamedAndMissedWhenItGoes() throws {
    try withVeth { namespace, _, sampler in
      let before = try sampler.look()
      try namespace.shell("ip link set v0 down; ip link set v0 name w0; ip link set w0 up")
      let renamed = try sampler.look()
      #expect(renamed.devices.map(\.name) == ["w0"])
      #expect(renamed.devices.map(\.index) == before.devices.map(\.index))
      try namespace.shell("ip link delete w0")
      let gone = try sampler.look()
      #expect(gone.devices.isEmpty)
      #expect(sampler.configuration.devices.map(\.name) == ["w0"])
      let rates = Rates(sampler.configuration, from: renamed, to: gone)
      #expect(rates.devices.first?.isUp == nil)
      try namespace.addVeth("v0", "v1")
      #expect(try sampler.look().devices.map(\.name) == ["v0"])
      #expect(sampler.configuration.devices.map(\.name) == ["v0"])
    }
  }

  /// Each process's files are looked through once for a socket, not with each tick.
  @Test func holdersOfSocketsAreSearchedOnce() throws {
    try withVeth { namespace, kernel, sampler in
      let pid = try namespace.shell(
        """
        setsid timeout 60 python3 - <<'END' >/dev/null 2>&1 &
        import socket, time
        s = socket.socket()
        s.bind(("127.0.0.1", 8000))
        s.listen()
        time.sleep(60)
        END
        until p=$(ss -Hltnp sport = :8000 | grep -o 'pid=[0-9]*'); do sleep 0.1; done
        echo ${p#pid=}
        """
      ).filter { $0 != "\n" }
      defer { _ = try? namespace.shell("kill -9 \(pid)") }
      for _ in 0..<2 {
        let sample = try sampler.look()
        let listener = sample.sockets?.first { $0.port == 8000 }
        #expect(listener?.holder == SocketOwner(pid: try #require(Int(pid)), command: "python3"))
      }
      #expect(kernel.lists.count { $0 == "/proc/." } == 1, "\(kernel.lists.prefix(3))")
    }
  }

  /// Ten frames, as the device counts them; a UDP socket that nobody reads drops what it has no
  /// room for.
  @Test func ratesOfALoadThatIsKnown() throws {
    try withVeth { namespace, _, sampler in
      let before = try sampler.look()
      try namespace.shell(
        """
        /usr/bin/python3 - <<'END'
        import socket
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        s.bind(("v1", 0x88b5))
        for _ in range(10): s.send(b"\\xff" * 6 + b"\\x02" * 6 + b"\\x88\\xb5" + b"x" * 86)
        END
        """)
      let after = try sampler.look()
      let rates = Rates(sampler.configuration, from: before, to: after)
      let device = try #require(rates.devices.first)
      let seconds = try #require(rates.seconds)
      let packets = try #require(device.packets) * seconds
      // IPv6 says something, too, when a link comes up.
      #expect(packets > 9.5 && packets < 40)
      #expect(rates.cpus.count == after.cpus.count && !rates.cpus.isEmpty)
    }
  }
}
