import Foundation
import TestSupport
import Testing

/// `rxtune flow` names the queue on which traffic from the wire then lands.
@Suite(.lab)
struct FlowTests {
  /// What is done to a NIC before its flows are predicted anew.
  struct Change: CustomTestStringConvertible, Sendable {
    let topology: Topology
    var device = "eth0"
    let commands: [(what: String, command: String)]
    /// Puts the NIC back, but for its key. The lab's own is renewed by whoever takes it.
    var reset = "true"

    var testDescription: String { "\(topology.rawValue) \(device)" }
  }

  static let key = (0..<40).map { String(format: "%02x", ($0 * 37 + 11) % 256) }
    .joined(separator: ":")

  static let changes = [
    Change(
      topology: .igb,
      commands: [
        ("as the driver left it", "true"),
        ("after a new table", "ethtool -X eth0 weight 4 1 2 1"),
        ("hashing the ports of UDP", "ethtool -N eth0 rx-flow-hash udp4 sdfn"),
      ], reset: "ethtool -N eth0 rx-flow-hash udp4 sd; ethtool -X eth0 default"),
    Change(
      topology: .igb612,
      commands: [
        ("with this boot's key", "true"),
        ("after a channel change", "ethtool -L eth0 combined 2"),
      ], reset: "ethtool -L eth0 combined 4"),
    Change(
      topology: .igbNewest,
      commands: [
        ("with the key that it tells", "true"),
        ("after a new key and table", "ethtool -X eth0 hkey \(key) equal 3"),
      ], reset: "ethtool -X eth0 default"),
    Change(
      topology: .virtioNewest,
      commands: [
        ("with rxhash on", "ethtool -K eth0 rxhash on"),
        ("after a new key and table", "ethtool -X eth0 hkey \(key) weight 1 2 1 4"),
      ]),
    Change(
      topology: .virtualNewest, device: "rxlab0",
      commands: [
        ("both directions as one", "rxtune set rss.input-xfrm=symmetric-or-xor rxlab0"),
        (
          "by a context of its own transform and fields",
          """
          rxtune set rss.input-xfrm=none rxlab0
          rxtune set rss.contexts='1 equal 3 transform symmetric-xor fields tcp4:sd' rxlab0
          ethtool -N rxlab0 flow-type tcp4 src-port 0 m 0x7fff context 1
          """
        ),
      ]),
    Change(
      topology: .virtio,
      commands: [
        ("with rxhash on", "ethtool -K eth0 rxhash on"),
        ("after a new table", "ethtool -X eth0 weight 4 1 2 1"),
        ("after a new key", "ethtool -X eth0 hkey \(key)"),
      ]),
    Change(
      topology: .virtual, device: "rxlab0",
      commands: [
        ("as the driver left it", "true"),
        ("after a new key and table", "ethtool -X rxlab0 hkey \(key) equal 3"),
        (
          "by rules and contexts",
          """
          ethtool -X rxlab0 context new equal 2
          ethtool -N rxlab0 flow-type tcp4 src-ip 10.0.0.0 m 0.127.255.255 context 1
          ethtool -N rxlab0 flow-type tcp6 dst-port 0 m 0x7fff context 1 action 4
          ethtool -N rxlab0 flow-type udp6 dst-port 1 m 0xfffe action 7
          ethtool -N rxlab0 flow-type udp4 src-port 32768 m 0x7fff action 6
          """
        ),
      ]),
  ]

  @Test(arguments: changes.filter(\.topology.isOffered))
  func namesTheQueue(_ change: Change) async throws {
    try await Lab.run(change.topology) { guest in
      try guest.waitForLink("eth0")
      if change.topology.hasOwnNIC { try guest.renewOwnNIC() }
      var generator = SplitMix(seed: .random(in: 0...UInt64.max))
      for step in change.commands {
        try guest.shell(step.command)
        try guest.waitForLink("eth0")
        let flows = Flow.random(500, using: &generator)
        let start = ContinuousClock.now
        let predictions = try guest.predictions(of: flows, on: change.device)
        var landings = try guest.landings(of: flows, on: change.device)
        // A queue that is still polled, as on a busy host, raises no interrupt: once more for those.
        for _ in 0..<5 {
          let silent = landings.indices.filter { !landings[$0].interrupted }
          if silent.isEmpty { break }
          let again = try guest.landings(of: silent.map { flows[$0] }, on: change.device)
          for (index, landing) in zip(silent, again) { landings[index] = landing }
        }
        let misses = zip(predictions, landings).filter { prediction, landing in
          prediction.queue != landing.queue || !landing.interrupted
        }
        let used = Set(landings.compactMap(\.queue)).count
        print(
          "\(change.testDescription), \(step.what): \(flows.count - misses.count) of \(flows.count)",
          "flows on the predicted queue, \(used) queues used,",
          "\(start.untilNow)")
        #expect(
          misses.isEmpty,
          """
          \(change.testDescription), \(step.what):
          \(misses.map { "  \($1.flow): predicted \($0.queue.map(String.init) ?? $0.unknown ?? "nothing"), arrived "
            + "on \($1.queue.map(String.init) ?? "no queue")\($1.interrupted ? "" : ", no interrupt")" }
            .joined(separator: "\n"))
          """)
      }
      try guest.shell(change.reset)
      try guest.waitForLink("eth0")
    }
  }
}
