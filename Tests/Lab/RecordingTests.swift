import Foundation
import TestSupport
import Testing

/// What `rxtune capture` records in a guest answers elsewhere as the guest does.
///
/// With RXTUNE_LAB_FIXTURES=FOLDER, the captures are kept there as TOPOLOGY.capture (the newest
/// kernel's under its version), and beside them, where flows can be followed, TOPOLOGY.landings: the
/// queues on which flows arrived.
@Suite(.lab)
struct RecordingTests {
  /// What is set before the recording, so that there is something to see.
  static let settings: [Topology: String] = [
    .igb: "ethtool -X eth0 weight 4 1 2 1; ethtool -C eth0 rx-usecs 20",
    .igbNewest: "ethtool -X eth0 weight 1 2 4 1; echo 2 >/sys/class/net/eth0/queues/rx-1/rps_cpus",
    .virtio: "ethtool -K eth0 rxhash on; ethtool -X eth0 equal 3",
    .virtioNewest: "ethtool -K eth0 rxhash on; ethtool -X eth0 equal 2",
    .virtual: """
    ethtool -X rxlab0 equal 3; ethtool -X rxlab0 context new equal 2
    ethtool -N rxlab0 flow-type tcp4 src-ip 10.0.0.0 m 0.127.255.255 context 1 action 4
    ethtool -N rxlab0 flow-type udp6 dst-port 1 m 0xfffe action 7
    ip link set bond0 down
    """,
    .virtualNewest: """
    rxtune set rss.input-xfrm=symmetric-xor rxlab0
    rxtune set rss.contexts='1 equal 2 transform symmetric-xor fields tcp4:sd' rxlab0
    ethtool -N rxlab0 flow-type tcp4 src-ip 10.0.0.0 m 0.127.255.255 context 1 action 4
    """,
  ]

  /// As it was before. The lab's own NIC is renewed by whoever takes it.
  static let resets: [Topology: String] = [
    .igb: "ethtool -X eth0 default; ethtool -C eth0 rx-usecs 3",
    .igbNewest: "ethtool -X eth0 default; echo 0 >/sys/class/net/eth0/queues/rx-1/rps_cpus",
    .virtio: "ethtool -X eth0 default; ethtool -K eth0 rxhash off",
    .virtioNewest: "ethtool -X eth0 default; ethtool -K eth0 rxhash off",
    // Nobody after this waits in vain for its carrier.
    .virtual: "ip link set bond0 up",
  ]

  @Test(arguments: Topology.offered)
  func replaysAsTheGuestAnswers(_ topology: Topology) async throws {
    try await Lab.run(topology) { guest in
      if topology.hasOwnNIC { try guest.renewOwnNIC() }
      for device in try guest.devices() { try guest.waitForLink(device) }
      if let command = Self.settings[topology] { try guest.shell(command) }
      let device = topology.device
      // A first look, so that the second finds the same: reading loads kernel modules.
      try guest.shell("rxtune capture /tmp/first; rxtune capture /tmp/host.capture")
      let live = try JSONFields(guest.shell("rxtune show \(device) --json"))
      let capture = try guest.get("/tmp/host.capture")
      let replayed = try JSONFields(guest.replay("show \(device) --json", from: capture))
      let differences = Set(live.values.keys).union(replayed.values.keys)
        .filter { live[$0] != replayed[$0] && !Self.moves($0) }
      #expect(
        differences.isEmpty,
        "\(differences.sorted().map { "\($0): \(live[$0] ?? "–"), replayed \(replayed[$0] ?? "–")" })"
      )

      var landings: [Landing] = []
      if Self.settings[topology] != nil {
        var generator = SplitMix(seed: 2)
        let flows = Flow.random(96, using: &generator)
        landings = try guest.landings(of: flows, on: device)
        let predictions = try guest.predictions(of: flows, on: device)
        #expect(predictions.map(\.queue) == landings.map(\.queue))
      }
      if let command = Self.resets[topology] { try guest.shell(command) }
      guard let folder = ProcessInfo.processInfo.environment["RXTUNE_LAB_FIXTURES"] else { return }
      let name = topology.recordingName(release: try guest.shell("uname -r"))
      let stem = URL(filePath: folder).appending(path: name)
      try capture.write(to: stem.appendingPathExtension("capture"))
      let lines = landings.map { "\($0.queue.map(String.init) ?? "-") \($0.flow)\n" }.joined()
      if !landings.isEmpty {
        try Data(lines.utf8).write(to: stem.appendingPathExtension("landings"))
      }
    }
  }

  /// Counters, which go on, and what the kernel adapts by itself.
  private static func moves(_ path: String) -> Bool {
    ["rxtune.", "statistics", "interrupts", "packets", "bytes", "cpus", "byte-queue-limits"]
      .contains {
        path.contains($0)
      }
  }
}
