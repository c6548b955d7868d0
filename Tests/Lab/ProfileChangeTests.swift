import Foundation
import Testing

/// Whole profiles on real drivers: planned, applied, verified, rolled back, and the state as before.
@Suite(.lab)
struct ProfileChangeTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let topology: Topology
    let device: String
    let profile: String

    var testDescription: String { "\(profile) on \(topology.rawValue) \(device)" }
  }

  static let cases = [
    (Topology.igb, "eth0", ["spread", "throughput", "latency", "listener", "single-queue"]),
    (.virtio, "eth1", ["spread", "throughput", "latency", "listener"]),
    (.igbNewest, "eth0", ["throughput", "listener"]),
    (.virtioNewest, "eth1", ["spread", "latency"]),
    (.vmxnet3, "eth0", ["spread", "throughput"]),
    (.e1000e, "eth0", ["throughput", "single-queue"]),
    (.virtio64, "eth0", ["spread", "throughput", "listener"]),
  ].flatMap { topology, device, profiles in
    profiles.map { Case(topology: topology, device: device, profile: $0) }
  }

  @Test(arguments: cases.filter(\.topology.isOffered))
  func appliesAndRollsBack(_ which: Case) async throws {
    try await Lab.run(which.topology) { guest in
      let (device, profile) = (which.device, which.profile)
      try guest.prepareStates()
      try guest.waitForLink(device)
      let found = try guest.contents(of: "/sys/class/net/\(device)/queues/*/[rx]ps_cpus")
      // As a driver or a person may have left it, and no profile would.
      try guest.shell(
        """
        # igb's table in rows would come back as an even one: begin with that.
        ethtool -X \(device) default 2>/dev/null
        for queue in /sys/class/net/\(device)/queues/rx-*; do echo 2 >$queue/rps_cpus; done
        cd /sys/class/net/\(device)/queues
        [ ! -e tx-1 ] || for queue in tx-*; do echo 1 >$queue/xps_cpus; done
        """)
      let before = try guest.state(device)
      let plan = try guest.run("rxtune plan \(profile) \(device)")
      #expect(plan.status == 2, "\(plan)")
      let planned = try guest.state(device)
      #expect(planned == before, "a plan that changes: \(before.differences(from: planned))")

      let applied = try guest.shell(
        """
        read start rest </proc/uptime
        rxtune apply \(profile) \(device) || exit
        read end rest </proc/uptime
        echo $start $end
        """)
      let isChanged = try guest.state(device) != before
      #expect(isChanged)
      let words = applied.split(whereSeparator: \.isWhitespace).suffix(2).compactMap { Double($0) }
      let seconds = try #require(words.last) - #require(words.first)
      let changes = try #require(
        applied.split(separator: "\n").lazy.compactMap { line -> Int? in
          line.contains(" made and read back")
            ? line.split(separator: " ").first.flatMap { Int($0) } : nil
        }.first, "\(applied)")
      let verified = try guest.run("rxtune verify \(profile) \(device)")
      #expect(verified.status == 0, "\(verified)")
      let replanned = try guest.run("rxtune plan \(profile) \(device)")
      #expect(replanned.status == 0, "\(replanned)")

      try guest.shell("rxtune rollback")
      let after = try guest.state(device)
      #expect(after == before, "\(before.differences(from: after))")
      try guest.restore(found)
      print(
        "\(which.testDescription): \(changes) changes in \(String(format: "%.2f", seconds)) s,",
        "\(Int(Double(changes) / max(seconds, 0.01))) writes/s, all rolled back")
    }
  }
}
