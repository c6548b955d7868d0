import Testing

/// Searches on real drivers, whose judge asks ethtool and the files what is set: what a trial was to
/// have, it had, and after the search all is as it was.
@Suite(.lab)
struct ImproveTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let topology: Topology
    /// Settings to try, the first of which the judge likes.
    let candidates: [String]
    /// What the judge must have seen of each, as it writes it down.
    let seen: [String]

    var testDescription: String { topology.rawValue }
  }

  static let cases = [
    Case(
      topology: .igb,
      candidates: [
        "channels.combined=2", "rings.rx=512", "coalesce.rx-usecs=50", "rss.indirection=equal 1",
      ],
      seen: ["channels 2 ", "ring 512 ", "usecs 50 ", "queues 0 "]),
    Case(
      topology: .virtio,
      candidates: ["channels.combined=2", "queue.rps-cpus=0-1", "net.core.netdev_budget=600"],
      seen: ["channels 2 ", "rps 3 ", "budget 600"]),
  ]

  /// Prints 1,000 and something by chance, a tenth more with two channels, and notes what it found.
  private static let judge = """
    channels=$(ethtool -l $1 | awk '/^Combined/ { n = $2 } END { print n }')
    ring=$(ethtool -g $1 2>/dev/null | awk '/^RX:/ { n = $2 } END { print n }')
    usecs=$(ethtool -c $1 2>/dev/null | awk '/^rx-usecs:/ { print $2 }')
    queues=$(ethtool -x $1 2>/dev/null | awk '/^ *[0-9]+:/ { for (i = 2; i <= NF; i++) print $i }' \\
      | sort -u | tr '\\n' ' ')
    rps=$(cat /sys/class/net/$1/queues/rx-0/rps_cpus)
    budget=$(cat /proc/sys/net/core/netdev_budget)
    echo "channels $channels ring $ring usecs $usecs queues $queues rps $rps budget $budget" >>/tmp/seen
    echo $((1000 + $(od -An -N1 -tu1 /dev/urandom) % 10 + (channels == 2) * 100))
    """

  @Test(arguments: cases)
  func findsWhatHelpsAndLeavesAllElse(_ which: Case) async throws {
    try await Lab.run(which.topology, .own) { guest in
      let device = guest.topology.device
      try guest.bringUp()
      try guest.prepareStates()
      // igb's table in rows is given back as an even one: begin with that.
      try guest.shell("ethtool -X \(device) default 2>/dev/null; true")
      try guest.shell("cat >/tmp/judge <<'END'\n\(Self.judge)\nEND")
      let before = try guest.state(device)
      let among = which.candidates.map { "--among '\($0)'" }.joined(separator: " ")
      let start = ContinuousClock.now
      let search = try guest.run(
        "rxtune improve \(device) --command 'sh /tmp/judge \(device)' \(among) --max-risk flap "
          + "--budget 5m --save /tmp/found.yaml", timeout: .seconds(400))
      print("\(which.testDescription): \(start.untilNow)\n\(search.output)")
      #expect(search.status == 0, "\(search)")
      #expect(
        search.output.contains("\nchannels.combined=2 helps: the figure better by +"), "\(search)")
      let seen = try guest.shell("sort /tmp/seen | uniq -c")
      for state in which.seen { #expect(seen.contains(state), "\(state) in\n\(seen)") }
      // Link changes and resets between trials are no reason to call anything harm.
      #expect(!search.output.contains("Given up:"), "\(search)")
      let after = try guest.state(device)
      #expect(before.differences(from: after) == "")
      #expect(try guest.shell("rxtune history").contains("No change is on record."))
      // What was found is applied and taken back as any profile.
      try guest.shell("rxtune apply /tmp/found.yaml \(device)")
      #expect(try guest.shell("ethtool -l \(device) | tail -n 1").hasSuffix("\t2"))
      try guest.shell("rxtune rollback")
      #expect(before.differences(from: try guest.state(device)) == "")
    }
  }
}
