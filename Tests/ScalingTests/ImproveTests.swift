import Glibc
import KernelIO
import Knobs
import Notation
import TestSupport
import Testing

@testable import Commands
@testable import Rendering
@testable import Scaling
@testable import Tuning

/// `rxtune improve` with a judge whose answers are known: a command that prints a better figure while
/// lo has an MTU of 1400.
@Suite(
  "improve",
  .enabled(
    if: NetworkNamespace.isAvailable, "needs root: settings are changed in network namespaces"))
struct ImproveTests {
  private final class Place {
    let folder: String
    var state: String { folder + "/state" }

    init() throws {
      var template = Array("/tmp/rxtune-improve-XXXXXX\0".utf8CString)
      folder = unsafe String(cString: mkdtemp(&template))
    }

    deinit { _ = try? Shell.run("rm -rf \(folder)") }
  }

  private var tool: String { Tool.path ?? "rxtune" }

  /// Prints 10,000, and `gain` more where the MTU is 1400. Nothing is left to chance: what chance does
  /// to a search is `SearchTests`' matter.
  private static func judge(gain: Int) -> String {
    """
    n=10000
    read mtu </sys/class/net/lo/mtu
    [ $mtu = 1400 ] && n=$(( n + \(gain) ))
    echo requests: $n
    """
  }

  private func improve(_ place: Place, gain: Int, _ more: [String] = []) -> [String] {
    [
      tool, "improve", "lo", "--command", Self.judge(gain: gain), "--among",
      "link.mtu=1400", "--among", "link.tx-queue-len=500", "--among", "link.tx-queue-len=900",
      "--max-risk", "flap", "--state-dir", place.state,
    ] + more
  }

  private func mtu() -> String? { try? LiveKernel().text(.sys("class/net/lo/mtu")) }

  private func onLoopback(_ body: (Place) throws -> Void) throws {
    let place = try Place()
    try NetworkNamespace.run { _ in
      let before = mtu()
      try body(place)
      #expect(mtu() == before && before != "1400")
    }
  }

  @Test func whatHelpsIsFoundAndSavedWithItsEvidence() throws {
    try onLoopback { place in
      let file = place.folder + "/found.yaml"
      let ending = try Tool.run(
        improve(place, gain: 800, ["--budget", "60s", "--json", "--save", file]))
      #expect(ending.exitCode == 0, "\(ending.output)")
      let text = String(ending.output.drop { $0 != "{" })
      let json = try JSON(parsing: Array(text.utf8)[...])
      #expect(json["verdict"] == .string("helps"), "\(text)")
      #expect(json["duel"]?["winner"] == .strings(["link.mtu=1400"]))
      guard case .number(let gain) = json["duel"]?["gain"]?["estimate"] else {
        Issue.record("no gain: \(text)")
        return
      }
      #expect((1.06...1.1).contains(gain))
      let saved = try Shell.run("cat \(file)")
      let profile = try ProfileParser.parse(saved, file: file)
      #expect(profile.requests.map(\.knob.id) == ["link.mtu"])
      let why = try #require(profile.requests.first?.reason.why)
      #expect(why.contains("fresh") || why.contains("rounds"), "\(why)")
      #expect(saved.contains("# Tried, and not in it:"))
      #expect(saved.contains("link.tx-queue-len=500"), "\(saved)")
      let plan = try Tool.run([tool, "plan", file, "lo"])
      #expect(plan.exitCode == 2 && plan.output.contains("better by"), "\(plan.output)")
    }
  }

  @Test func nothingIsFoundWhereNothingIs() throws {
    try onLoopback { place in
      let ending = try Tool.run(improve(place, gain: 0, ["--budget", "20s"]))
      #expect(ending.exitCode == 0, "\(ending.output)")
      #expect(!ending.output.contains("Set it:"), "\(ending.output)")
      #expect(ending.output.contains("All settings are as they were."), "\(ending.output)")
    }
  }

  @Test func whatIsKeptIsAChangeLikeAnyOther() throws {
    try onLoopback { place in
      let ending = try Tool.run(improve(place, gain: 800, ["--budget", "60s", "--keep"]))
      #expect(ending.exitCode == 0, "\(ending.output)")
      #expect(mtu() == "1400", "\(ending.output)")
      let undone = try Tool.run([tool, "rollback", "--state-dir", place.state])
      #expect(undone.exitCode == 0, "\(undone.output)")
    }
  }

  /// Waits until a trial of the candidate is under way.
  private func isInForce() -> Bool {
    for _ in 0..<3000 {
      if mtu() == "1400" { return true }
      usleep(10_000)
    }
    return false
  }

  private func slow(_ place: Place) -> [String] {
    [
      tool, "improve", "lo", "--command",
      "read m </sys/class/net/lo/mtu; [ $m = 1400 ] && sleep 60; echo 1", "--among",
      "link.mtu=1400", "--max-risk", "flap", "--state-dir", place.state,
    ]
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func anInterruptPutsEverythingBack(signal: Int32) throws {
    try onLoopback { place in
      let running = try Tool(slow(place))
      #expect(isInForce())
      running.signal(signal)
      let ending = running.finish()
      #expect(ending.exitCode == 130, "\(ending.output)")
    }
  }

  @Test func aKilledOneIsPutRightByRollback() throws {
    try onLoopback { place in
      let running = try Tool(slow(place))
      #expect(isInForce())
      let shells = running.children(with: "-c")
      running.signal(SIGKILL)
      for shell in shells { kill(-shell, SIGKILL) }
      _ = running.finish()
      #expect(mtu() == "1400")
      let ending = try Tool.run([tool, "rollback", "--state-dir", place.state])
      #expect(ending.exitCode == 0, "\(ending.output)")
    }
  }

  @Test func aCommandThatFailsIsNoBase() throws {
    try onLoopback { place in
      for command in ["exit 3", "echo none", "echo -5"] {
        let ending = try Tool.run([
          tool, "improve", "lo", "--command", command, "--among", "link.mtu=1400", "--max-risk",
          "flap", "--state-dir", place.state,
        ])
        #expect(ending.exitCode == 1, "\(ending.output)")
        #expect(ending.output.contains("The base could not be measured"), "\(ending.output)")
      }
    }
  }

  /// A setting that makes the command hang is taken back, and what hangs is ended.
  @Test func aCommandThatHangsIsEnded() throws {
    try onLoopback { place in
      let nap = "sleep 61\(getpid() % 1000)"
      let ending = try Tool.run(
        improve(place, gain: 0, ["--json"]).map {
          $0.hasPrefix("n=10000") ? $0 + "\n[ $mtu = 1400 ] && \(nap)\ntrue" : $0
        } + ["--budget", "40s"])
      let json = try JSON(parsing: Array(String(ending.output.drop { $0 != "{" }).utf8)[...])
      guard case .array(let rows) = json["candidates"] else {
        Issue.record("no candidates: \(ending.output)")
        return
      }
      let fates = rows.filter { $0["outcome"] == .string("harmed") }
      #expect(fates.count == 1 && fates[0]["name"] == .string("link.mtu=1400"), "\(json)")
      #expect(ending.output.contains("was ended, as it still ran after"), "\(ending.output)")
      #expect(throws: (any Error).self) { try Shell.run("pgrep -fx '\(nap)'") }
    }
  }

  @Test func aBaseThatHangsIsNone() throws {
    try onLoopback { place in
      let ending = try Tool.run([
        tool, "improve", "lo", "--command", "sleep 600", "--among", "link.tx-queue-len=500",
        "--budget", "2s", "--state-dir", place.state,
      ])
      #expect(ending.exitCode == 1, "\(ending.output)")
      #expect(
        ending.output.contains(
          "'sleep 600' was ended, as it still ran after 500ms, a quarter of --budget"),
        "\(ending.output)")
    }
  }

  @Test func whatCannotBeIsNotTried() throws {
    try onLoopback { place in
      let ending = try Tool.run([
        tool, "improve", "lo", "--command", "echo 1", "--among", "link.mtu=65536", "--among",
        "rings.rx=512", "--state-dir", place.state,
      ])
      #expect(ending.exitCode == 1, "\(ending.output)")
      #expect(ending.output.contains("there is nothing to try"), "\(ending.output)")
      #expect(ending.output.contains("link.mtu=65536: it is so already"), "\(ending.output)")
    }
  }

  /// Server and load on CPUs of their own would show it; here it is only seen that trials are made.
  @Test func aWorkloadIsMeasuredInNamespaces() throws {
    let place = try Place()
    let ending = try Tool.run([
      tool, "improve", "--for", "rate", "--among", "link.mtu=1400", "--among",
      "net.core.netdev_budget=600", "--duration", "100ms", "--warm-up", "50ms", "--budget", "8s",
      "--most-noise", "100",
      "--state-dir", place.state,
    ])
    #expect(ending.exitCode == 0, "\(ending.output)")
    #expect(ending.output.contains("crr on reuseport with"), "\(ending.output)")
    #expect(
      ending.output.contains("net.core.netdev_budget=600: it is of the whole host"),
      "\(ending.output)")
  }

  /// Neither alone does anything.
  @Test func settingsThatHelpOnlyTogetherAreTriedTogether() throws {
    let judge = """
      n=10000; read mtu </sys/class/net/lo/mtu; read length </sys/class/net/lo/tx_queue_len
      [ $mtu = 1400 ] && [ $length = 500 ] && n=$(( n + 900 ))
      echo $n
      """
    try onLoopback { place in
      let ending = try Tool.run([
        tool, "improve", "lo", "--command", judge, "--among",
        "link.mtu=1400 + link.tx-queue-len=500",
        "--among", "link.mtu=1400", "--among", "link.tx-queue-len=500", "--max-risk", "flap",
        "--state-dir", place.state, "--budget", "60s",
      ])
      #expect(
        ending.output.contains("Set it: rxtune set link.mtu=1400 link.tx-queue-len=500 lo\n"),
        "\(ending.output)")
      #expect(ending.output.contains("link.mtu=1400 + link.tx-queue-len=500 helps: "))
      let wrong = try Tool.run([
        tool, "improve", "lo", "--command", judge, "--among", "link.mtu=1400 + throughput",
      ])
      #expect(wrong.exitCode == 64 && wrong.output.contains("KNOB=VALUE each"), "\(wrong.output)")
    }
  }

  @Test func allTrialsAreKeptForTheReport() throws {
    try onLoopback { place in
      let (folder, page) = (place.folder + "/out", place.folder + "/page.html")
      let ending = try Tool.run(
        improve(place, gain: 800, ["--budget", "60s", "--out", folder]))
      #expect(ending.exitCode == 0, "\(ending.output)")
      #expect(ending.output.contains("link.mtu=1400 gains, +"), "\(ending.output)")
      let report = try Tool.run([tool, "bench", "report", folder])
      #expect(ending.output.hasSuffix(report.output), "\(report.output)")
      let json = try Tool.run([tool, "bench", "report", folder, "--json"])
      #expect(json.output.contains("\"verdict\": \"helps\""), "\(json.output)")
      #expect(try Tool.run([tool, "bench", "report", folder, "--html", page]).exitCode == 0)
      #expect(try Shell.run("cat \(page)").contains("link.mtu=1400 helps"))
      let again = try Tool.run(improve(place, gain: 800, ["--budget", "60s", "--out", folder]))
      #expect(again.exitCode == 1 && again.output.contains("it holds results"))
    }
  }

  @Test func aTerminalShowsBarsThatAreGoneAtTheEnd() throws {
    try onLoopback { place in
      let line = improve(place, gain: 800, ["--budget", "30s"]).map { "'\($0)'" }
      let output = try PseudoTerminal.output(of: line.joined(separator: " "))
      let frames = output.split(separator: "\u{1b}[J")
      #expect(frames.count > 10)
      #expect(frames.contains { $0.contains("●") && $0.contains("screening, round ") }, "\(output)")
      #expect(frames.contains { $0.contains("duel, round ") }, "\(output)")
      let last = try #require(frames.last)
      #expect(!last.contains("●") && last.contains("Set it: "), "\(last)")
    }
  }

  @Test func onABusyMachineNothingIsMeasured() throws {
    let place = try Place()
    // Signals may be blocked in what tests start: they spin until a file is gone.
    let spin = "while [ -e busy ]; do i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done; done"
    let ending = try Shell.result(
      """
      cd \(place.folder) && touch busy
      for i in 1 2 3 4; do { \(spin); } & done
      \(tool) improve --for rate --among link.mtu=1400 --duration 200ms --warm-up 50ms \
        --most-noise 5 --budget 30s --state-dir \(place.state)
      code=$?; rm busy; wait; exit $code
      """)
    #expect(ending.status == 1, "\(ending.output)")
    #expect(
      ending.output.contains("Too much else goes on here: other programs took"), "\(ending.output)")
  }

  /// The peer takes frames of up to 1,400 bytes: with a larger MTU they are lost on their way.
  @Test func whatLosesPacketsIsGivenUp() throws {
    let place = try Place()
    try NetworkNamespace.run { namespace in
      try namespace.shell("ip link add v0 mtu 1400 type veth peer name v1")
      try namespace.shell("ip link set v1 mtu 1400 up; ip link set v0 up")
      try namespace.shell("ip addr add 192.0.2.1/24 dev v0")
      try namespace.shell("ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev v0")
      let ending = try Tool.run([
        tool, "improve", "v0", "--command",
        "ping -q -c 30 -i 0.002 -W 0.1 -s 1450 192.0.2.2 >/dev/null; echo 1", "--among",
        "link.mtu=1500", "--among", "link.mtu=1300", "--max-risk", "flap", "--budget", "10s",
        "--state-dir", place.state,
      ])
      #expect(ending.exitCode == 0, "\(ending.output)")
      #expect(
        ending.output.contains("link.mtu=1500: v0 tx-dropped rose by "),
        "\(ending.output)")
      #expect(!ending.output.contains("link.mtu=1300: v0"), "\(ending.output)")
      #expect(try LiveKernel().text(.sys("class/net/v0/mtu")) == "1400")
    }
  }

  @Test func aLinkThatIsLostEndsTheCandidate() throws {
    let place = try Place()
    try NetworkNamespace.run { namespace in
      try namespace.shell("ip link add v0 type veth peer name v1")
      try namespace.shell("ip link set v1 up; ip link set v0 up")
      let ending = try Tool.run([
        tool, "improve", "v0", "--command",
        """
        read mtu </sys/class/net/v0/mtu
        [ $mtu = 1400 ] && ip link set v1 down && ip link set v1 up
        echo 100
        """, "--among", "link.mtu=1400", "--among", "link.tx-queue-len=500", "--max-risk", "flap",
        "--budget", "5s", "--state-dir", place.state,
      ])
      #expect(ending.exitCode == 0, "\(ending.output)")
      #expect(
        ending.output.contains("link.mtu=1400: v0 lost its link while it was measured"),
        "\(ending.output)")
    }
  }

  /// A value of several numbers has spaces, and stays one.
  @Test func aStateIsNamedAsItWasProposed() throws {
    let words = [
      ["net.ipv4.tcp_rmem=4096 131072 16777216"], ["queue.rps-cpus=0-1", "rx-1", "rx-2"],
      ["irq.smp-affinity=spread"],
    ]
    let requests = try words.flatMap { try SetWords($0).requests() }
    #expect(requests.count == 3)
    let proposals = requests.compactMap { Proposal([$0]) }
    #expect(proposals.map(\.name) == words.map { $0.joined(separator: " ") })
    let together = try #require(Proposal(requests))
    #expect(ProposalList.parts(typed: together.name) == proposals.map(\.name))
    #expect(try ProfileStaging.profile(Proposal.variant([together])).requests == requests)
    #expect(try ProfileStaging.profile(Proposal.variant(proposals)).requests == requests)
    #expect(try ProfileStaging.profile(Proposal.variant([])).requests.isEmpty)
  }

  @Test func valuesAreSpreadBetweenTheBounds() {
    #expect(
      SearchValues.spread(.between(0, 1000), nil, Bounds()) == [0, 1, 5, 28, 157, 1000])
    #expect(SearchValues.spread(.reported(minimum: 0), 256, Bounds(maximum: 4096)).last == 4096)
    #expect(!SearchValues.spread(.any, 300, Bounds()).contains(300))
    #expect(SearchValues.spread(.any, 300, Bounds()).allSatisfy { (18...4800).contains($0) })
    #expect(SearchValues.spread(.any, nil, Bounds()).isEmpty)
    #expect(SearchValues.spread(.any, .max, Bounds()).allSatisfy { $0 > 0 })
  }

  @Test(
    arguments: [
      ("12.5", 12.5), ("a 3\nb 4\n", 4), ("requests/s: 1e4 (ok)", 10_000), ("", nil), ("none", nil),
      ("nan inf", nil),
    ] as [(String, Double?)])
  func theLastNumberIsTheFigure(text: String, figure: Double?) {
    #expect(CommandTrials.figure(text) == figure)
  }
}
