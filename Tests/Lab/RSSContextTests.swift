import Testing

/// `rxtune rss --context` on a driver that has contexts: what it makes is what ethtool reads, and
/// what ethtool made comes back.
@Suite("RSS contexts in the lab", .lab)
struct RSSContextTests {
  static let device = "rxlab0"
  static let state = "--state-dir /tmp/rss-contexts"

  /// Changes in rxtune's words and in ethtool's, and the context that they are about.
  static let pairs = [
    ("--context new --equal 2", "context new equal 2", 1),
    ("--context new --equal 3 --start 4", "context new start 4 equal 3", 1),
    ("--context new --weights 1,3", "context new weight 1 3", 1),
  ]

  @Test(arguments: Topology.withOwnNIC.filter(\.isOffered))
  func contextsAreThoseOfEthtool(_ topology: Topology) async throws {
    try await Lab.run(topology) { guest in
      let device = Self.device
      try guest.renewOwnNIC()
      try guest.shell("rm -rf /tmp/rss-contexts")
      func table(_ context: Int) throws -> String {
        try guest.shell("ethtool -x \(device) context \(context)")
      }
      func rxtune(_ words: String) throws { try guest.shell("rxtune \(words) \(Self.state)") }
      for (ours, theirs, context) in Self.pairs {
        try rxtune("rss \(device) \(ours)")
        let made = try table(context)
        try rxtune("rss \(device) --context \(context) --delete")
        #expect(try !guest.run("ethtool -x \(device) context \(context)").succeeded)
        try guest.shell("ethtool -X \(device) \(theirs)")
        #expect(try table(context) == made, "\(ours)")
        // Our own delete takes theirs, and the rollback makes it again under its number.
        try rxtune("rss \(device) --context \(context) --delete")
        try rxtune("rollback")
        #expect(try table(context) == made, "\(ours)")
        try guest.shell("ethtool -X \(device) context \(context) delete")
      }
      // A context's own key and table, changed; all of it undone, change by change.
      try guest.shell("ethtool -X \(device) context new equal 2")
      let before = try table(1)
      let key = (0..<40).map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
      try rxtune("rss \(device) --context 1 --table '1*127,2' --key \(key)")
      #expect(try table(1).contains(key))
      #expect(try table(1) != before)
      try rxtune("rollback")
      #expect(try table(1) == before)
      print("\(topology.rawValue): \(Self.pairs.count) contexts as ethtool makes and reads them")
    }
  }

  /// Rules and contexts together: none goes while a rule leads there, and a rollback brings back
  /// number, table and rule.
  @Test(arguments: Topology.withOwnNIC.filter(\.isOffered))
  func rulesKeepTheirContexts(_ topology: Topology) async throws {
    try await Lab.run(topology) { guest in
      let device = Self.device
      func rxtune(_ words: String) throws { try guest.shell("rxtune \(words) \(Self.state)") }
      func state() throws -> String {
        try guest.shell(
          "ethtool -n \(device); ethtool -x \(device); "
            + "for c in 1 2 3; do ethtool -x \(device) context $c 2>&1; done; true")
      }
      try guest.renewOwnNIC()
      try guest.shell("rm -rf /tmp/rss-contexts; ethtool -K \(device) ntuple on")
      for start in [0, 2, 4] {
        try guest.shell("ethtool -X \(device) context new start \(start) equal 2")
      }
      // A gap below, so that the lowest free number is another than the one to come back.
      try guest.shell(
        "ethtool -X \(device) context 1 delete; "
          + "ethtool -N \(device) flow-type tcp4 dst-port 443 context 3 loc 5")
      let whole = try state()

      let refused = try guest.run("rxtune rss \(device) --context 3 --delete \(Self.state)")
      #expect(!refused.succeeded)
      #expect(refused.errors.contains("a rule sends packets to context 3"), "\(refused.errors)")
      let shrunk = try guest.run("rxtune channels \(device) combined=4 \(Self.state)")
      #expect(!shrunk.succeeded)
      #expect(shrunk.errors.contains("an RSS context uses queue 5"), "\(shrunk.errors)")
      #expect(try state() == whole)

      try rxtune("ntuple del \(device) 5")
      try rxtune("rss \(device) --context 3 --delete")
      try rxtune("rss \(device) --context new --equal 8")
      #expect(try state() != whole)
      for _ in 0..<3 { try rxtune("rollback") }
      #expect(try state() == whole)

      for wrong in ["--context 9 --equal 2", "--context 2 --equal 99", "--context new --key 01"] {
        let output = try guest.run("rxtune rss \(device) \(wrong) \(Self.state)")
        #expect(!output.succeeded, "\(wrong)")
        #expect(try state() == whole, "\(wrong): \(output.errors)")
      }
    }
  }
}
