import Foundation
import TestSupport
import Testing

/// A NIC by netmap, whose module is no part of Linux: RXTUNE_NETMAP names the file of one that was built
/// for the lab's kernel 6.1.
@Suite(.lab)
struct NetmapTests {
  private static let module = ProcessInfo.processInfo.environment["RXTUNE_NETMAP"] ?? ""

  @Test(
    .enabled(if: !module.isEmpty, "no module is given (RXTUNE_NETMAP=FILE)"),
    arguments: [("netmap", "udp-rr"), ("netmap --busy", "udp-rr"), ("lwip-netmap", "crr")])
  func servesAndLeavesTheHostItsPackets(backend: String, workload: String) async throws {
    guard backend == "netmap" || backend.contains("busy") || PacketServing.has("rxtune-lwip") else {
      return
    }
    let module = try Data(contentsOf: URL(filePath: Self.module))
    try await Lab.run(.e1000) { guest in
      let serving = PacketServing(
        guest: guest, device: "eth0", backend: backend, workload: workload)
      if try !guest.run("test -e /dev/netmap").succeeded {
        try guest.put(module, at: "/tmp/netmap.ko")
        try guest.shell("insmod /tmp/netmap.ko")
      }
      try serving.prepare()
      try serving.begin()
      // ARP is the host's, and so is what nobody serves.
      let ping = try guest.host("ping -c 3 -i 0.2 -W 5 \(PacketServing.address)")
      #expect(ping.output.contains(" 0% packet loss"), "\(ping.output)")
      let (load, server) = try serving.load()
      serving.expectAllAnswered(load, server, without: ["unsent", "damaged", "foreign"])
      print("\(backend) \(workload): \(load["counts.measured"] ?? "?") in a second")
      // The kernel has it again, also after a kill.
      try serving.begin()
      try guest.shell("kill -9 $(cat /tmp/server)")
      let after = try guest.host("ping -c 3 -i 0.2 -W 5 \(PacketServing.address)")
      #expect(after.output.contains(" 0% packet loss"), "\(after.output)")
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
