import TestSupport
import Testing

/// A server takes packets from a real driver's queues before the kernel does.
@Suite(.lab)
struct BypassTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var topology: Topology
    var mode: String
    var testDescription: String { "\(topology.rawValue) \(mode)" }

    /// igb has zero-copy mode since 6.14.
    static let all = [
      Case(topology: .igb, mode: "generic"), Case(topology: .igb, mode: "native"),
      Case(topology: .igbNewest, mode: "native"), Case(topology: .igbNewest, mode: "zero-copy"),
    ].filter(\.topology.isOffered)
  }

  @Test(arguments: Case.all)
  func answersWhatComesByAnyQueue(_ example: Case) async throws {
    try await Lab.run(example.topology) { guest in
      try guest.waitForLink("eth0")
      try guest.shell(
        """
        /bin/ip address add 10.77.0.2/24 dev eth0
        rxtune bench serve --backend af-xdp eth0 --xdp \(example.mode) --port 9000 \
          --workload udp-rr --request-bytes 58 --json </dev/null >/tmp/serve 2>/tmp/words &
        echo $! >/tmp/server
        for i in $(seq 100); do grep -q serving /tmp/words && break; sleep 0.1; done
        """)
      // A driver that takes a program in opens its queues anew.
      try guest.waitForLink("eth0")
      let sent = try guest.shell("cat /sys/class/net/eth0/statistics/tx_packets")
      for port in UInt16(0)..<32 {
        try guest.tap().send(
          Flow(
            transport: .udp, source: [10, 77, 0, 1], destination: [10, 77, 0, 2],
            sourcePort: 40_000 + port, destinationPort: 9000), count: 4)
      }
      let fields = try JSONFields(
        guest.shell(
          """
          sleep 2; kill -INT $(cat /tmp/server)
          for i in $(seq 100); do grep -q '"total"' /tmp/serve && break; sleep 0.1; done
          cat /tmp/words >&2; tail -n 1 /tmp/serve
          """))
      try guest.shell("/bin/ip address flush dev eth0")
      try guest.waitForLink("eth0")
      let after = try guest.shell("cat /sys/class/net/eth0/statistics/tx_packets")
      #expect(fields["facts.attach"] == example.mode)
      #expect(fields["total.transactions"] == "128", "\(fields.values)")
      #expect(fields["missed"] == "0")
      for trouble in ["dropped", "unsent", "damaged", "foreign"] {
        #expect(fields["total.\(trouble)"] == "0", "\(trouble)")
      }
      print("\(example.testDescription): sent \(sent) before, \(after) after")
    }
  }

  /// TCP and UDP by lwIP, from the queues of a real driver: right bytes, and none lost.
  @Test(
    .enabled(if: PacketServing.has("rxtune-lwip"), "needs make libexec"),
    arguments: ["crr", "rr", "udp-rr"])
  func lwIPServes(workload: String) async throws {
    try await Lab.run(.igb) { guest in
      let serving = PacketServing(
        guest: guest, device: "eth0", backend: "lwip", workload: workload)
      try serving.prepare()
      try serving.begin()
      // A driver that takes a program in opens its queues anew.
      try guest.waitForLink("eth0")
      let (load, server) = try serving.load()
      try serving.finish()
      serving.expectAllAnswered(load, server, without: ["dropped", "unsent", "damaged"])
    }
  }
}
