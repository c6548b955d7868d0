import TestSupport
import Testing

/// `rxtune trace` follows packets from a NIC's interrupt to the program that reads them.
@Suite(.lab)
struct TraceTests {
  @Test(arguments: [Topology.igb, .igb612, .igbNewest, .virtio].filter(\.isOffered))
  func followsFromInterruptToReader(_ topology: Topology) async throws {
    try await Lab.run(topology) { guest in
      let flow = try serve(in: guest)
      let plain = try Traced(flow, count: 60, in: guest)
      #expect(plain.received >= 60 && plain.read >= 58, "\(plain)")
      // From the interrupt on, and what follows adds up.
      for stage in ["interrupt", "softirq", "poll", "gro"] {
        #expect(plain.sums[stage] != nil, "no \(stage) in \(plain)")
      }
      // Linux 6.1 does not tell when a datagram reaches its socket, and the trace says so.
      #expect((plain.sums["stack"] == nil) == plain.notes.contains("sk_data_ready"), "\(plain)")
      #expect(plain.sums.values.reduce(0, +) == plain.whole, "\(plain)")
      #expect(plain.moved == 0, "\(plain)")

      // Each packet that RPS hands to another CPU is told to have moved there.
      let other = try #require((0..<4).first { !plain.stackCPUs.contains($0) })
      try guest.setRPS(String(1 << other, radix: 16))
      let steered = try Traced(flow, count: 60, in: guest)
      try guest.setRPS("0")
      try stopServing(in: guest)
      #expect(steered.read >= 58 && steered.moved == steered.read, "\(steered)")
      #expect(steered.stackCPUs == [other], "\(steered)")
      print(
        "\(topology.rawValue): \(plain.read) and \(steered.read) packets of 60 followed, mean of "
          + "GRO → stack \(plain.mean("gro")) ns, \(steered.mean("gro")) ns by RPS")
    }
  }

  /// Where interrupts are held back, packets lie in the ring, and come out of it behind others.
  @Test(arguments: [Topology.igb, .igb612].filter(\.isOffered))
  func heldBackInterruptsLengthenTheWayOutOfTheRing(_ topology: Topology) async throws {
    try await Lab.run(topology) { guest in
      let flow = try serve(in: guest)
      try guest.shell("ethtool -C eth0 rx-usecs 0")
      // So far apart that none waits for another, however busy the machine is.
      let prompt = try Traced(flow, count: 100, every: 0.03, in: guest)
      try guest.shell("ethtool -C eth0 rx-usecs 10000")
      let held = try Traced(flow, count: 300, every: 0.0001, in: guest)
      try guest.shell("ethtool -C eth0 rx-usecs 3")
      try stopServing(in: guest)
      #expect(prompt.read >= 96 && held.read >= 290, "\(prompt)\n\(held)")
      // The emulator stands still now and then, which a mean would tell of.
      let (before, after) = (prompt.medians["poll"] ?? 0, held.medians["poll"] ?? 0)
      #expect(before > 0 && after > before * 5 / 4, "\(prompt)\n\(held)")
      print(
        "\(topology.rawValue): median of poll → GRO \(before) ns, \(after) ns with rx-usecs 10000")
    }
  }

  /// Starts a server in the guest; returns a flow to it.
  private func serve(in guest: Guest) throws -> Flow {
    try guest.waitForLink("eth0")
    try guest.shell(
      """
      /bin/ip address add 10.77.0.2/24 dev eth0
      /bin/ip neighbour replace 10.77.0.1 lladdr 02:00:00:00:00:01 nud permanent dev eth0
      rxtune bench serve --host 10.77.0.2 --port 9000 --workload udp-rr --duration 10m \
        </dev/null >/tmp/serve 2>&1 &
      echo $! >/tmp/server
      sleep 1
      """)
    return Flow(
      transport: .udp, source: [10, 77, 0, 1], destination: [10, 77, 0, 2], sourcePort: 40_000,
      destinationPort: 9000)
  }

  private func stopServing(in guest: Guest) throws {
    try guest.shell("kill $(cat /tmp/server); /bin/ip address flush dev eth0")
  }

  /// What a trace of a paced flow said.
  private struct Traced: CustomStringConvertible {
    private let fields: JSONFields

    init(_ flow: Flow, count: Int, every seconds: Double = 0.03, in guest: Guest) throws {
      try guest.shell(
        """
        rxtune trace eth0 --for 5m --port \(flow.destinationPort) --json </dev/null >/tmp/trace \
          2>/tmp/words &
        echo $! >/tmp/tracer
        # It follows packets from its last link to a tracepoint on, and sleeps from then on. Of one
        # program alone, an emulated CPU may take seconds to see that it is safe: in bpf(2), 321.
        before=-1 same=0
        for i in $(seq 90); do
          links=$(ls -l /proc/$!/fd 2>/dev/null | grep -c bpf)
          call=$(cut -d' ' -f1 /proc/$!/syscall 2>/dev/null)
          case "$links $call" in
            "0 "*|*" 321"|*" running"|*" ") same=0 ;;
            "$before "*) same=$((same + 1)) ;;
            *) same=0 ;;
          esac
          [ $same -ge 5 ] && break
          before=$links
          sleep 0.5
        done
        """, timeout: .seconds(180))
      try guest.tap().sendSlowly(flow, count: count, every: seconds)
      fields = try JSONFields(
        guest.shell(
          """
          # Until the server has read all that came.
          for i in $(seq 50); do
            sleep 0.2
            awk '$2 ~ /:2328$/ && $5 !~ /:00000000$/ {exit 1}' /proc/net/udp && break
          done
          kill $(cat /tmp/tracer)
          for i in $(seq 100); do grep -q '^}' /tmp/trace && break; sleep 0.2; done
          cat /tmp/words >&2; cat /tmp/trace
          """))
    }

    private func number(_ path: String) -> Int { fields[path].flatMap { Int($0) } ?? 0 }

    var received: Int { number("received") }
    var read: Int { number("ends.read") }
    var notes: String { fields["notes"] ?? "" }
    var moved: Int { number("moved") }
    var whole: Int { number("whole.sum") }
    /// Nanoseconds, by stage.
    var sums: [String: Int] { stages("sum") }
    var medians: [String: Int] { stages("p50") }

    private func stages(_ figure: String) -> [String: Int] {
      (0..<16).reduce(into: [:]) { figures, index in
        fields["stages.\(index).stage"].map {
          figures[$0] = number("stages.\(index).\(figure)")
        }
      }
    }
    var stackCPUs: Set<Int> {
      Set(fields.below("cpus").keys.compactMap { Int($0.prefix { $0 != "." }) })
    }

    func mean(_ stage: String) -> Int { (sums[stage] ?? 0) / max(read, 1) }

    var description: String {
      fields.values.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        .joined(separator: ", ")
    }
  }
}
