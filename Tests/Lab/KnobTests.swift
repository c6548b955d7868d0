import Foundation
import Testing

/// Every writable knob that a driver has: set, seen by ethtool and in the files, rolled back, and
/// all else as it was.
@Suite(.lab)
struct KnobTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let topology: Topology
    var device = "eth0"
    /// Whether the knobs of the host are tried here too.
    var hostToo = false
    /// How many knobs the driver has at least.
    let expected: Int

    var testDescription: String { "\(topology.rawValue) \(device)" }
  }

  static let cases = [
    Case(topology: .igb, hostToo: true, expected: 50),
    Case(topology: .virtio, device: "eth1", expected: 20),
    Case(topology: .vmxnet3, expected: 15),
    Case(topology: .e1000e, expected: 15),
    Case(topology: .virtual, device: "veth1", expected: 10),
    Case(topology: .virtual, device: "rxlab0", expected: 15),
    Case(topology: .igbNewest, expected: 30),
    Case(topology: .virtioNewest, device: "eth1", expected: 25),
    Case(topology: .virtualNewest, device: "rxlab0", expected: 20),
  ]

  @Test(arguments: cases.filter(\.topology.isOffered))
  func setsAndRollsBack(_ which: Case) async throws {
    // igb has the most knobs, and the most tests that would have to wait for them.
    try await Lab.run(which.topology, which.topology == .igb ? .second : .first) { guest in
      let device = which.device
      try guest.prepareStates()
      if device == "rxlab0" { try guest.renewOwnNIC() }
      try guest.waitForLink(device)
      let found = try guest.contents(of: "/sys/class/net/\(device)/queues/*x-0/[rx]ps_cpus")
      // Values that are not the defaults, so that going back to a default is no restoring. And igb's
      // table in rows is given back as an even one: begin with that.
      try guest.shell(
        """
        ethtool -X \(device) default 2>/dev/null
        cd /sys/class/net/\(device)/queues
        echo 4 >rx-0/rps_cpus
        [ -e tx-1 ] && echo 8 >tx-0/xps_cpus
        true
        """)
      let samples = try KnobSamples(
        readings: guest.shell("rxtune get '*' \(device) --json"),
        catalogue: guest.shell("rxtune knobs --json"), hostToo: which.hostToo)
      try guest.put(Data(samples.text.utf8), at: "/tmp/lab/knobs")
      let start = ContinuousClock.now
      let report = try guest.shell(
        "sh /tmp/lab/try-knobs \(device)", timeout: .seconds(480)
      ).split(separator: "\n").map(String.init)
      func lines(_ outcome: String) -> [String] { report.filter { $0.hasPrefix(outcome + " ") } }
      let refused = lines("refused")
      let misses = report.filter { line in
        !["changed", "restored", "refused", "singly"].contains { line.hasPrefix($0 + " ") }
      }
      print(
        "\(which.testDescription): \(samples.count) knobs tried, \(lines("changed").count)",
        "changed, \(lines("restored").count) restored, \(refused.count) refused,",
        "\(samples.groups.count) groups, \(start.untilNow)")
      for line in refused + lines("singly") { print("  \(line)") }
      #expect(misses.isEmpty, "\(misses.joined(separator: "\n"))")
      #expect(lines("changed").count == lines("restored").count)
      #expect(lines("restored").count + refused.count == samples.count)
      #expect(lines("restored").count >= which.expected)
      try guest.restore(found)
    }
  }
}
