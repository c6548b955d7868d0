import Testing

/// `rxtune ntuple` on a driver that has rules and RSS contexts: what it writes is what ethtool
/// reads, and what ethtool wrote comes back.
@Suite("Flow rules in the lab", .lab)
struct FlowRuleTests {
  /// The same rule in rxtune's words and in ethtool's, whose masks name the bits to ignore.
  static let pairs = [
    (
      "tcp4 dst-ip 10.0.0.2 dst-port 80 action 3 loc 7",
      "tcp4 dst-ip 10.0.0.2 dst-port 80 action 3 loc 7"
    ),
    (
      "udp4 src-ip 192.0.2.0/24 action -1 loc 1",
      "udp4 src-ip 192.0.2.0 m 0.0.0.255 action -1 loc 1"
    ),
    (
      "tcp6 dst-ip 2001:db8::1 src-port 0 mask 0x0001 queue 2 loc 2",
      "tcp6 dst-ip 2001:db8::1 src-port 0 m 0xfffe action 2 loc 2"
    ),
    ("tcp4 src-port 443 context 1 loc 3", "tcp4 src-port 443 context 1 loc 3"),
    (
      "ip4 dst-ip 10.1.0.0/16 l4proto 47 action 1 loc 4",
      "ip4 dst-ip 10.1.0.0 m 0.0.255.255 l4proto 47 action 1 loc 4"
    ),
    (
      "udp4 dst-port 53 vlan 7 user-def 0x10 action 1 loc 5",
      "udp4 dst-port 53 vlan 7 user-def 0x10 action 1 loc 5"
    ),
    (
      "ether dst 02:00:00:00:00:09 proto 0x88f7 action 4 loc 6",
      "ether dst 02:00:00:00:00:09 proto 0x88f7 action 4 loc 6"
    ),
  ]

  static let device = "rxlab0"
  static let state = "--state-dir /tmp/flow-rules"

  @Test(arguments: Topology.withOwnNIC.filter(\.isOffered))
  func rulesAreThoseOfEthtool(_ topology: Topology) async throws {
    try await Lab.run(topology) { guest in
      let device = Self.device
      try guest.renewOwnNIC()
      try guest.shell("rm -rf /tmp/flow-rules; ethtool -K \(device) ntuple on")
      try guest.shell("ethtool -X \(device) context new equal 2")
      func table() throws -> String { try guest.shell("ethtool -n \(device)") }
      let empty = try table()
      for (ours, theirs) in Self.pairs {
        try guest.shell("rxtune ntuple add \(device) \(ours) \(Self.state)")
        let written = try table()
        #expect(written != empty, "\(ours)")
        let list = try guest.shell("rxtune ntuple list \(device)")
        let location = try #require(ours.split(separator: " ").last)
        try guest.shell("rxtune ntuple del \(device) \(location) \(Self.state)")
        #expect(try table() == empty, "\(ours)")
        try guest.shell("ethtool -N \(device) flow-type \(theirs)")
        #expect(try table() == written, "\(ours)")
        #expect(try guest.shell("rxtune ntuple list \(device)") == list)
        // Our own delete takes theirs, and the rollback brings it back as ethtool made it.
        try guest.shell("rxtune ntuple del \(device) \(location) \(Self.state)")
        #expect(try table() == empty, "\(ours)")
        try guest.shell("rxtune rollback \(Self.state)")
        #expect(try table() == written, "\(ours)")
        try guest.shell("ethtool -N \(device) delete \(location)")
      }
      print("\(topology.rawValue): \(Self.pairs.count) rules as ethtool writes and reads them")
    }
  }

  @Test(arguments: Topology.withOwnNIC.filter(\.isOffered))
  func aChangeIsWholeOrNotAtAll(_ topology: Topology) async throws {
    try await Lab.run(topology) { guest in
      let device = Self.device
      try guest.renewOwnNIC()
      try guest.shell("rm -rf /tmp/flow-rules; ethtool -K \(device) ntuple on")
      func table() throws -> String { try guest.shell("ethtool -n \(device)") }
      let empty = try table()
      // Without a location the driver chooses; the same rule again is there already.
      try guest.shell("rxtune ntuple add \(device) tcp4 dst-port 80 action 1 \(Self.state)")
      try guest.shell("rxtune ntuple add \(device) udp4 dst-port 53 drop \(Self.state)")
      let two = try table()
      let again = try guest.shell(
        "rxtune ntuple add \(device) tcp4 dst-port 80 action 1 \(Self.state)")
      #expect(again.contains("Nothing to change"))
      #expect(try table() == two)
      // What cannot be says so, and changes nothing.
      for wrong in [
        "tcp4 dst-port 81 action 99", "tcp4 dst-port 81 context 9", "tcp4 dst-port 81 drop loc 0",
        "tcp4 dst-port 81 drop loc 9999", "tcp4 dst-port 81",
      ] {
        let output = try guest.run("rxtune ntuple add \(device) \(wrong) \(Self.state)")
        #expect(!output.succeeded, "\(wrong)")
        #expect(output.errors.contains("error: "), "\(wrong): \(output.errors)")
        #expect(try table() == two, "\(wrong): \(output.errors)")
      }
      #expect(try !guest.run("rxtune ntuple del \(device) 0 77 \(Self.state)").succeeded)
      #expect(try table() == two)
      // Through the filter's switch, and back.
      try guest.shell("rxtune set features.rx-ntuple-filter=off \(device) \(Self.state)")
      try guest.shell("rxtune rollback \(Self.state)")
      #expect(try table() == two)
      // Back to the start, change by change.
      try guest.shell("rxtune rollback \(Self.state)")
      try guest.shell("rxtune rollback \(Self.state)")
      #expect(try table() == empty)
    }
  }
}
