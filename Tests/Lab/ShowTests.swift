import Testing

/// `rxtune show` says what ethtool, sysfs and procfs say, field by field, for every kind of NIC.
@Suite(.lab)
struct ShowTests {
  @Test(arguments: Topology.offered)
  func agreesWithEthtool(_ topology: Topology) async throws {
    try await Lab.run(topology) { guest in
      if topology.hasOwnNIC { try guest.renewOwnNIC() }
      for device in try guest.devices() {
        try guest.waitForLink(device)
        let fields = try JSONFields(guest.shell("rxtune show \(device) --json"))
        let facts = try EthtoolFacts(device, in: guest)
        let differences = facts.differences(from: fields, at: device)
        print("\(topology.rawValue) \(device): \(facts.expected.count) fields compared")
        #expect(
          differences.isEmpty,
          "\(topology.rawValue) \(device):\n  \(differences.joined(separator: "\n  "))")
      }
    }
  }
}
