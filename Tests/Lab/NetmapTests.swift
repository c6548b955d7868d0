import Foundation
import TestSupport
import Testing

/// A NIC by netmap, whose module is no part of Linux: RXTUNE_NETMAP names the file of one that was built for
/// the lab's kernel 6.1, and behind it, parted by colons, those of drivers that were patched for it, and its
/// programs `vale-ctl` and `bridge`, linked statically.
@Suite(.lab)
struct NetmapTests {
  private static let files = (ProcessInfo.processInfo.environment["RXTUNE_NETMAP"] ?? "")
    .split(separator: ":").map { URL(filePath: String($0)) }
  private static let modules = files.filter { $0.pathExtension == "ko" }
  private static let programs = files.filter { $0.pathExtension != "ko" }

  struct Case: CustomTestStringConvertible, Sendable {
    var topology: Topology
    /// Whose driver gives netmap its rings; nil where netmap reads them by the kernel's own means.
    var driver: String?
    var backend: String
    var workload: String
    var testDescription: String { "\(backend) \(workload), \(driver ?? "emulated")" }

    static let all = [("netmap", "udp-rr"), ("netmap --busy", "udp-rr"), ("lwip-netmap", "crr")]
      .flatMap { backend, workload in
        [(Topology.e1000, nil), (.e1000, "e1000"), (.igb, "igb")].map { topology, driver in
          Case(topology: topology, driver: driver, backend: backend, workload: workload)
        }
      }
      .filter { example in
        example.driver.map { driver in
          modules.dropFirst().contains { $0.lastPathComponent == "\(driver).ko" }
        } ?? true
      }
  }

  private func load(_ guest: Guest) throws {
    if try !guest.run("test -e /dev/netmap").succeeded {
      for file in Self.files {
        try guest.put(Data(contentsOf: file), at: "/tmp/\(file.lastPathComponent)")
      }
      try guest.shell("chmod +x /tmp/vale-ctl /tmp/bridge 2>/dev/null; insmod /tmp/netmap.ko")
    }
  }

  /// Has netmap take the NIC as the case has it, or not at all.
  private func prepare(_ guest: Guest, _ example: Case) throws {
    try load(guest)
    if let driver = example.driver {
      try guest.shell(
        """
        grep -q O /sys/module/\(driver)/taint && exit 0
        ip link set eth0 down; rmmod \(driver); insmod /tmp/\(driver).ko
        for n in $(seq 100); do ip link set eth0 up && break; sleep 0.1; done
        """)
    }
    try guest.shell(
      "echo \(example.driver == nil ? 2 : 1) > /sys/module/netmap/parameters/admode")
  }

  @Test(
    .enabled(if: !modules.isEmpty, "no module is given (RXTUNE_NETMAP=FILE)"),
    arguments: Case.all)
  func servesAndLeavesTheHostItsPackets(_ example: Case) async throws {
    guard !example.backend.hasPrefix("lwip") || PacketServing.has("rxtune-lwip") else { return }
    try await Lab.run(example.topology) { guest in
      try prepare(guest, example)
      let serving = PacketServing(
        guest: guest, device: "eth0", backend: example.backend, workload: example.workload)
      try serving.prepare()
      try serving.begin()
      // ARP is the host's, and so is what nobody serves.
      let ping = try guest.host("ping -c 3 -i 0.2 -W 5 \(PacketServing.address)")
      #expect(ping.output.contains(" 0% packet loss"), "\(ping.output)")
      let (load, server) = try serving.load()
      serving.expectAllAnswered(load, server, without: ["unsent", "damaged", "foreign"])
      print("\(example.testDescription): \(load["counts.measured"] ?? "?") in a second")
      // The kernel has it again, also after a kill.
      try serving.begin()
      try guest.shell("kill -9 $(cat /tmp/server)")
      // A NIC whose driver is netmap's is reset.
      try guest.shell("sleep 1")
      try guest.waitForLink("eth0")
      let after = try guest.host("ping -c 3 -i 0.2 -W 5 \(PacketServing.address)")
      #expect(after.output.contains(" 0% packet loss"), "\(after.output)")
      try serving.finish()
    }
  }

  /// What brings a port its packets: the NIC as another port of its switch, or a program that carries them
  /// from the NIC to the other end of its pipe.
  enum Way: String, CaseIterable, Sendable {
    case valeSwitch, pipe

    var port: String { self == .valeSwitch ? "vale0:web" : "vale1:web}1" }
    var begin: String {
      switch self {
      case .valeSwitch: "/tmp/vale-ctl -a vale0:eth0"
      case .pipe:
        """
        /tmp/bridge -w 0 -i netmap:eth0 -i vale1:web{1 </dev/null >/tmp/bridge.log 2>&1 &
        echo $! > /tmp/bridge.pid; sleep 1
        """
      }
    }
    var end: String {
      self == .valeSwitch ? "/tmp/vale-ctl -d vale0:eth0" : "kill $(cat /tmp/bridge.pid); sleep 1"
    }
  }

  @Test(
    .enabled(
      if: programs.count == 2, "vale-ctl and bridge are not given (RXTUNE_NETMAP=FILE:…:FILE)"),
    arguments: Way.allCases,
    [("netmap", "udp-rr"), ("netmap --busy", "udp-rr"), ("lwip-netmap", "crr")])
  func servesAPortOfNetmap(_ way: Way, _ server: (backend: String, workload: String)) async throws {
    guard !server.backend.hasPrefix("lwip") || PacketServing.has("rxtune-lwip") else { return }
    try await Lab.run(.e1000) { guest in
      try load(guest)
      // The NIC's own filter knows no address but its own.
      try guest.shell(
        "echo 2 > /sys/module/netmap/parameters/admode; /bin/ip link set eth0 promisc on")
      let serving = PacketServing(
        guest: guest, device: "eth0", backend: server.backend, workload: server.workload,
        port: way.port)
      try serving.prepare()
      try guest.shell(way.begin)
      try serving.begin()
      // It answers ARP, and nobody else does.
      let (load, served) = try serving.load()
      serving.expectAllAnswered(load, served, without: ["unsent", "damaged"])
      print("\(server) \(way.rawValue): \(load["counts.measured"] ?? "?") in a second")
      try guest.shell(way.end)
      try serving.finish()
    }
  }

  @Test func saysWhatIsMissing() async throws {
    try await Lab.run(.e1000e) { guest in
      let serving = PacketServing(guest: guest, device: "eth0", backend: "netmap", workload: "rr")
      try serving.prepare()
      let output = try guest.run("rxtune bench serve --backend netmap eth0 --workload udp-rr")
      #expect(
        output.errors
          == "rxtune: error: eth0: open /dev/netmap: no such file or directory (ENOENT); this kernel "
          + "has no netmap: build its module (luigirizzo/netmap) and load it\n", "\(output)")
      try serving.finish()
    }
  }
}
