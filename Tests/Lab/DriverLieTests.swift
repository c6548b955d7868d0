import TestSupport
import Testing

/// What drivers claim and do not do: rxtune must not repeat it as a fact.
@Suite(.lab)
struct DriverLieTests {
  /// virtio_net of 6.1 keeps its table from the device until rxhash is on for the first time; once
  /// rxhash is off again, the device sends everything to queue 0. The table shown never changes.
  @Test func virtioTablesThatTheDeviceNeverGot() async throws {
    // Of its own: nobody has touched the features of its second device.
    try await Lab.run(.virtio, .own) { guest in
      try guest.shell("ethtool -K eth1 rxhash off")
      let flows = Self.flows(60)
      let table = try guest.shell("ethtool -x eth1")
      let untouched = try guest.predictions(of: flows, on: "eth1")
      #expect(
        untouched.allSatisfy { $0.queue == nil && $0.unknown?.contains("rx-hashing") == true })
      let astray = try guest.landings(of: flows, on: "eth1", nic: 1)

      try guest.shell("ethtool -K eth1 rxhash on")
      let honest = try guest.predictions(of: flows, on: "eth1")
      let landed = try guest.landings(of: flows, on: "eth1", nic: 1)
      #expect(honest.map(\.queue) == landed.map(\.queue))
      #expect(astray.map(\.queue) != landed.map(\.queue), "the table was in force all along")

      try guest.shell("ethtool -K eth1 rxhash off")
      let off = try guest.predictions(of: flows, on: "eth1")
      #expect(off.allSatisfy { $0.queue == nil && $0.unknown?.contains("rx-hashing") == true })
      let collapsed = try guest.landings(of: flows, on: "eth1", nic: 1)
      #expect(collapsed.allSatisfy { $0.queue == 0 })
      let shown = try guest.shell("ethtool -x eth1")
      #expect(shown == table, "the driver shows the same table whatever the device does")
      try guest.shell("ethtool -K eth1 rxhash on")
    }
  }

  /// Hash fields set while rxhash is off are accepted and shown, and not used.
  @Test func virtioFieldsThatAreAcceptedAndIgnored() async throws {
    try await Lab.run(.virtio) { guest in
      // One pair of addresses: by addresses alone, one queue takes all.
      var generator = SplitMix(seed: 7)
      let one = Flow.random(.udp, ipv6: false, using: &generator)
      let flows = (0..<48).map { index in
        Flow(
          transport: .udp, source: one.source, destination: one.destination,
          sourcePort: 2000 + UInt16(index) * 97, destinationPort: one.destinationPort)
      }
      try guest.shell("ethtool -L eth1 combined 3; ethtool -L eth1 combined 4")
      try guest.shell("ethtool -K eth1 rxhash off; ethtool -N eth1 rx-flow-hash udp4 sd")
      let ignored = try guest.predictions(of: flows, on: "eth1")
      #expect(ignored.allSatisfy { $0.queue == nil && $0.unknown != nil })

      try guest.shell("ethtool -K eth1 rxhash on")
      let obeyed = try guest.predictions(of: flows, on: "eth1")
      let landed = try guest.landings(of: flows, on: "eth1", nic: 1)
      #expect(obeyed.map(\.queue) == landed.map(\.queue))
      #expect(Set(landed.map(\.queue)).count == 1)
      try guest.shell("ethtool -N eth1 rx-flow-hash udp4 sdfn")
    }
  }

  /// Newer kernels give the device the table from the start, and still none once rxhash was off.
  @Test(arguments: [Topology.virtioNewest].filter(\.isOffered))
  func virtioWithoutRXHashIsNotFollowed(_ topology: Topology) async throws {
    try await Lab.run(topology) { guest in
      try guest.shell("ethtool -K eth1 rxhash on; ethtool -K eth1 rxhash off")
      let flows = Self.flows(60)
      let predictions = try guest.predictions(of: flows, on: "eth1")
      #expect(
        predictions.allSatisfy { $0.queue == nil && $0.unknown?.contains("rx-hashing") == true })
      let landings = try guest.landings(of: flows, on: "eth1", nic: 1)
      #expect(landings.allSatisfy { $0.queue == 0 })
      try guest.shell("ethtool -K eth1 rxhash on")
    }
  }

  /// igb drops a user's table at a channel change without a word.
  @Test(arguments: [Topology.igb, .igbNewest].filter(\.isOffered))
  func igbForgetsTheTableAtAChannelChange(_ topology: Topology) async throws {
    try await Lab.run(topology) { guest in
      try guest.waitForLink("eth0")
      try guest.shell("ethtool -X eth0 equal 2")
      let chosen = try JSONFields(guest.shell("rxtune show eth0 --json"))
      #expect(Self.queues(chosen) == ["0", "1"])
      try guest.shell("ethtool -L eth0 combined 2; ethtool -L eth0 combined 4")
      try guest.waitForLink("eth0")
      let reset = try JSONFields(guest.shell("rxtune show eth0 --json"))
      #expect(Self.queues(reset) == ["0", "1", "2", "3"])
      let flows = Self.flows(60)
      let predicted = try guest.predictions(of: flows, on: "eth0").map(\.queue)
      let landed = try guest.landings(of: flows).map(\.queue)
      #expect(predicted == landed)
    }
  }

  /// QEMU's vmxnet3 has a table as decoration: all packets go to queue 0.
  @Test func vmxnet3DeliversToOneQueue() async throws {
    try await Lab.run(.vmxnet3) { guest in
      try guest.waitForLink("eth0")
      // What the guest sends of itself raises the same interrupts: router solicitations.
      try guest.shell("echo 1 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6")
      let flows = Self.flows(24)
      let predictions = try guest.predictions(of: flows, on: "eth0")
      #expect(predictions.allSatisfy { $0.queue == nil && $0.unknown != nil })
      let tap = try guest.tap()
      let before = try guest.interruptsByQueue(of: "eth0")
      for flow in flows { try tap.send(flow, count: 2) }
      try guest.shell("sleep 1")
      let after = try guest.interruptsByQueue(of: "eth0")
      #expect(after[0, default: 0] > before[0, default: 0])
      for queue in 1..<4 { #expect(after[queue] == before[queue]) }
      try guest.shell("echo 0 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6")
    }
  }

  private static func flows(_ count: Int) -> [Flow] {
    var generator = SystemRandomNumberGenerator()
    return Flow.random(count, using: &generator)
  }

  private static func queues(_ fields: JSONFields) -> Set<String> {
    let table = fields["devices.eth0.stages.rss.main.indir"] ?? ""
    return Set(table.split(separator: ",").map(String.init))
  }
}
