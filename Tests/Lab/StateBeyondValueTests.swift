import Testing

/// What a value does not show comes back with it: whether the kernel holds a table for a user's,
/// what other programs have in a table of rules, what a feature was asked to be, the MTU of devices
/// that follow another one's.
@Suite("State beyond the value in the lab", .lab)
struct StateBeyondValueTests {
  static let state = "--state-dir /tmp/beyond"

  struct NIC: CustomTestStringConvertible, Sendable {
    let topology: Topology
    let device: String
    var testDescription: String { "\(topology.rawValue) \(device)" }
  }

  static let nics = [
    NIC(topology: .igb, device: "eth0"), NIC(topology: .igb612, device: "eth0"),
    NIC(topology: .igbNewest, device: "eth0"), NIC(topology: .virtio, device: "eth1"),
    NIC(topology: .virtio612, device: "eth0"), NIC(topology: .virtioNewest, device: "eth0"),
    NIC(topology: .virtual, device: "rxlab0"), NIC(topology: .virtual612, device: "rxlab0"),
  ].filter(\.topology.isOffered)

  static let ownNICs = [Topology.virtual, .virtual612].filter(\.isOffered)

  /// After a rollback ethtool may take channels away as it could before.
  @Test(arguments: nics)
  func aTableThatWasTheDriversKeepsNoChannels(_ nic: NIC) async throws {
    try await Lab.run(nic.topology) { guest in
      let device = nic.device
      if nic.topology.hasOwnNIC { try guest.renewOwnNIC() }
      try guest.waitForLink(device)
      _ = try guest.run("ethtool -K \(device) rxhash on")
      // As the driver lays it out for four queues by itself.
      try guest.shell(
        """
        rm -rf /tmp/beyond; ethtool -X \(device) default
        for count in 2 4; do
          [ $(ethtool -l \(device) | sed -n 's/^Combined:\\s*//p' | tail -1) = $count ] ||
            ethtool -L \(device) combined $count
        done
        """)
      let table = try guest.shell("ethtool -x \(device)")
      for changes in [
        ["rss \(device) --equal 2"], ["rss \(device) --equal 2", "rss \(device) --equal 3"],
        ["set channels.combined=2 rss.indirection='equal 2' \(device)"],
        ["rss \(device) --equal 2", "channels \(device) combined=2"],
        ["channels \(device) combined=3", "rss \(device) --equal 1"],
      ] {
        for change in changes {
          try guest.waitForLink(device)
          try guest.shell("rxtune \(change) \(Self.state)")
        }
        for _ in changes {
          try guest.waitForLink(device)
          try guest.shell("rxtune rollback \(Self.state)")
        }
        let after = try guest.shell("ethtool -x \(device)")
        // igb lays its own out in rows; the kernel's default has the same shares.
        if !nic.topology.rawValue.hasPrefix("igb") { #expect(after == table, "\(changes)") }
        try guest.waitForLink(device)
        let fewer = try guest.run("ethtool -L \(device) combined 2")
        #expect(fewer.succeeded, "\(changes): \(fewer.errors)")
        try guest.shell("ethtool -L \(device) combined 4")
        #expect(try guest.shell("ethtool -x \(device)") == table, "\(changes)")
      }
      print("\(nic.testDescription): ethtool -L works after a rollback of each table")
    }
  }

  /// A table over all queues that are left pins none of them.
  @Test(arguments: nics)
  func aTableOverAllQueuesKeepsNoChannels(_ nic: NIC) async throws {
    try await Lab.run(nic.topology) { guest in
      let device = nic.device
      if nic.topology.hasOwnNIC { try guest.renewOwnNIC() }
      try guest.waitForLink(device)
      // Whatever a test before left.
      try guest.shell("ethtool -L \(device) combined 4 2>/dev/null; true")
      try guest.waitForLink(device)
      try guest.shell("rm -rf /tmp/beyond; ethtool -X \(device) equal 3")
      try guest.shell(
        "rxtune set channels.combined=2 rss.indirection='equal 2' \(device) \(Self.state)")
      try guest.waitForLink(device)
      let fewer = try guest.run("ethtool -L \(device) combined 1")
      #expect(fewer.succeeded, "\(fewer.errors)")
      try guest.shell("ethtool -L \(device) combined 4; ethtool -X \(device) default")
    }
  }

  @Test(arguments: ownNICs)
  func anotherProgramsRulesStay(_ topology: Topology) async throws {
    try await Lab.run(topology) { guest in
      let device = "rxlab0"
      try guest.renewOwnNIC()
      try guest.shell("rm -rf /tmp/beyond; ethtool -K \(device) ntuple on")
      try guest.shell("ethtool -N \(device) flow-type tcp4 dst-port 22 action 1 loc 5")
      try guest.shell("rxtune ntuple add \(device) tcp4 dst-port 80 action 1 \(Self.state)")
      try guest.shell("rxtune ntuple del \(device) 5 \(Self.state)")
      try guest.shell("ethtool -N \(device) flow-type udp4 dst-port 8001 action 0 loc 1")
      try guest.shell("rxtune verify \(Self.state)")
      for _ in 0..<2 {
        let output = try guest.run("rxtune rollback \(Self.state)")
        #expect(output.succeeded, "\(output.errors)")
        #expect(output.errors.contains("@1 udp4 dst-port 8001 queue 0 stays"), "\(output.errors)")
      }
      let list = try guest.shell("rxtune ntuple list \(device)")
      #expect(list.contains("8001") && list.contains("22") && !list.contains("80 "), "\(list)")
      try guest.shell("ethtool -N \(device) delete 1; ethtool -N \(device) delete 5")
    }
  }

  @Test(arguments: ownNICs)
  func anotherProgramsContextsStay(_ topology: Topology) async throws {
    try await Lab.run(topology) { guest in
      let device = "rxlab0"
      try guest.renewOwnNIC()
      try guest.shell("rm -rf /tmp/beyond")
      try guest.shell("rxtune rss \(device) --context new --equal 2 \(Self.state)")
      try guest.shell("ethtool -X \(device) context new equal 3")
      let theirs = try guest.shell("ethtool -x \(device) context 2")
      try guest.shell("rxtune verify \(Self.state)")
      let output = try guest.run("rxtune rollback \(Self.state)")
      #expect(output.succeeded && output.errors.contains("context 2"), "\(output.errors)")
      #expect(try !guest.run("ethtool -x \(device) context 1").succeeded)
      #expect(try guest.shell("ethtool -x \(device) context 2") == theirs)
    }
  }

  /// A queue's own delays are there again, and those that the change did not name never went.
  @Test(arguments: ownNICs)
  func aQueuesOwnCoalescingComesBack(_ topology: Topology) async throws {
    try await Lab.run(topology) { guest in
      let device = "rxlab0"
      try guest.renewOwnNIC()
      try guest.shell(
        """
        rm -rf /tmp/beyond
        ethtool -Q \(device) queue_mask 0x2 --coalesce rx-usecs 33 tx-usecs 44
        """)
      func queue(_ name: String) throws -> String {
        try guest.shell(
          "ethtool -Q \(device) queue_mask 0x2 --show-coalesce | sed -n 's/^\(name):\\s*//p'")
      }
      try guest.shell("rxtune set coalesce.rx-usecs=5 \(device) \(Self.state)")
      #expect(try queue("rx-usecs") == "5")
      #expect(try queue("tx-usecs") == "44")
      try guest.shell("rxtune rollback \(Self.state)")
      #expect(try queue("rx-usecs") == "33")
      #expect(try queue("tx-usecs") == "44")
    }
  }

  /// A bond wants LRO that no port of it can do: refused, and not wanted afterwards.
  @Test(arguments: ownNICs)
  func aRefusedFeatureIsNotWanted(_ topology: Topology) async throws {
    try await Lab.run(topology) { guest in
      func features() throws -> String { try guest.shell("ethtool -k bond0") }
      try guest.shell("rm -rf /tmp/beyond; ethtool -K bond0 lro off")
      let before = try features()
      let output = try guest.run("rxtune set features.rx-lro=on bond0 \(Self.state)")
      #expect(!output.succeeded)
      #expect((output.output + output.errors).contains("Nothing was changed"))
      #expect(try features() == before)
    }
  }

  /// vmxnet3 has no LRO without checksums: until then it is only asked for.
  @Test func aFeatureThatWaitsIsAskedForAgain() async throws {
    try await Lab.run(.vmxnet3) { guest in
      func features() throws -> String { try guest.shell("ethtool -k eth0") }
      try guest.shell("rm -rf /tmp/beyond; ethtool -K eth0 lro on; ethtool -K eth0 rx off")
      let before = try features()
      #expect(before.contains("large-receive-offload: off [requested on]"), "\(before)")
      try guest.shell(
        "rxtune set features.rx-checksum=on features.rx-lro=on eth0 \(Self.state)")
      #expect(try features().contains("large-receive-offload: on"))
      try guest.shell("rxtune rollback \(Self.state)")
      #expect(try features() == before)
      try guest.shell("ethtool -K eth0 rx on")
    }
  }

  /// The ports of a bond and the VLAN on it, and what stands on a port.
  @Test(arguments: ownNICs)
  func whatFollowsAnMTUComesBack(_ topology: Topology) async throws {
    try await Lab.run(topology) { guest in
      func mtus() throws -> String {
        try guest.shell("cd /sys/class/net; grep '' bond0/mtu vlan7/mtu veth*/mtu up*/mtu")
      }
      try guest.shell(
        """
        rm -rf /tmp/beyond
        /bin/ip link add link veth1 name up5 type vlan id 5
        /bin/ip link add link veth1 name up6 mtu 1300 type vlan id 6
        """)
      let before = try mtus()
      let plan = try guest.run("rxtune set --dry-run link.mtu=1400 bond0 \(Self.state)").output
      #expect(plan.contains("vlan7 (vlan on bond0) goes from 1500 to 1400"), "\(plan)")
      #expect(plan.contains("veth0 (port of bond0) goes from 1500 to 1400"), "\(plan)")
      try guest.shell("rxtune set link.mtu=1400 bond0 \(Self.state)")
      #expect(
        try guest.shell("cat /sys/class/net/vlan7/mtu /sys/class/net/veth0/mtu") == "1400\n1400")
      try guest.shell("rxtune rollback \(Self.state)")
      #expect(try mtus() == before)
      try guest.shell("rxtune set link.mtu=1400 veth1 \(Self.state)")
      #expect(try guest.shell("cat /sys/class/net/up5/mtu /sys/class/net/up6/mtu") == "1400\n1300")
      try guest.shell("rxtune rollback \(Self.state)")
      #expect(try mtus() == before)
      try guest.shell("/bin/ip link del up5; /bin/ip link del up6")
    }
  }
}
