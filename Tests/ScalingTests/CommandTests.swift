import Glibc
import KernelIO
import Testing

@testable import Scaling

@Suite(
  "bench commands", .serialized, .enabled(if: Tool.path != nil, "rxtune is not built beside"))
struct CommandTests {
  static let isRoot = geteuid() == 0
  private let tool = Tool.path ?? ""

  /// A directory that does not exist yet, gone after the test.
  private final class Output {
    let path = "/tmp/rxtune-bench-test-\(getpid())-\(MonotonicClock.now())"
    deinit {
      unsafe unlink(path + "/" + ResultsFile.name)
      unsafe rmdir(path)
    }
  }

  private func sweep(_ arguments: [String], _ output: Output) -> [String] {
    [tool, "bench", "reuseport", "--duration", "0.2", "--warm-up", "0.05", "--out", output.path]
      + arguments
  }

  @Test(arguments: isRoot ? [SweepPlan.Network.namespaces, .loopback] : [.loopback])
  func aSweepWritesWhatItMeasured(network: SweepPlan.Network) throws {
    let output = Output()
    let ending = try Tool.run(
      sweep(
        [
          "--modes", "shared-epoll,reuseport,uring", "--workers", "1,2", "--repeat", "3",
          "--max-repeat", "3", network == .namespaces ? "--netns" : "--no-netns",
        ], output))
    #expect(ending.exitCode == 0, "\(ending.output)")
    let results = try ResultsFile.read(output.path)
    #expect(results.runs.count == 18)
    #expect(results.session?.plan.network == network)
    for run in results.runs {
      #expect(run.load.counts.transactions > 0)
      #expect(run.server.total.total.transactions == run.load.counts.transactions)
      #expect(run.load.counts.failed == 0)
      #expect(run.derived.rate == Double(run.load.counts.measured) / run.load.seconds)
    }
    // The settings are those of where the runs were made, not of where the command was given.
    let settings = try #require(results.session?.machine.settings)
    #expect(settings["net.core.netdev_budget"] != nil)
    // Each round has each combination once, and the rounds differ in order.
    let orders = (1...3).map { round in
      results.runs.filter { $0.round == round }.map { "\($0.mode.name) \($0.workers)" }
    }
    #expect(orders.allSatisfy { Set($0).count == 6 })
    #expect(Set(orders).count > 1)
    #expect(ending.output.contains("shared-epoll"))
    // A second sweep does not write over the first.
    let again = try Tool.run(sweep(["--modes", "reuseport", "--workers", "1"], output))
    #expect(again.exitCode == 1 && again.output.contains("--out"))
  }

  /// The server's packets are followed in a run of its own, in its namespace or over loopback.
  @Test(
    .enabled(if: isRoot, "tracing needs root"),
    arguments: [SweepPlan.Network.namespaces, .loopback])
  func aTracedRunTellsWherePacketsSpendTheirTime(network: SweepPlan.Network) throws {
    let output = Output()
    let ending = try Tool.run(
      sweep(
        [
          "--modes", "shared-epoll,reuseport", "--workload", "rr", "--workers", "1", "--repeat",
          "1",
          "--max-repeat", "1", "--no-locks", "--trace",
          network == .namespaces ? "--netns" : "--no-netns",
        ], output))
    #expect(ending.exitCode == 0, "\(ending.output)")
    let records = try ResultsFile.read(output.path).stages
    #expect(Set(records.map(\.mode)) == [.sharedEpoll, .reuseport])
    for split in records.map(\.split) {
      let whole = try #require(split.whole)
      let sum = split.stages.reduce(0) { $0 + $1.times.sum }
      #expect(abs(Double(sum) - Double(whole.sum)) < 0.01 * Double(whole.sum))
      #expect(whole.packets > 100 && split.received >= whole.packets)
      #expect(split.accountedShare ?? 0 > 0.99)
      #expect(split.stages.map(\.name).contains("stack") && split.notes.isEmpty)
    }
    #expect(ending.output.contains("accounted"))
  }

  /// A namespace is made with the kernel's defaults: what the host is set to is not measured.
  @Test(.enabled(if: isRoot, "namespaces need root"), arguments: [true, false])
  func theSettingsAreThoseOfTheRuns(isolated: Bool) throws {
    let output = Output()
    let command = sweep(
      [
        "--modes", "reuseport", "--workers", "1", "--repeat", "1", "--max-repeat", "1",
        "--no-locks", isolated ? "--netns" : "--no-netns",
      ], output
    ).joined(separator: " ")
    let script = """
      ip link set lo up
      echo 77 > /proc/sys/net/core/somaxconn
      echo 40000 40099 > /proc/sys/net/ipv4/ip_local_port_range
      \(command)
      """
    let ending = try Tool.run(["unshare", "-n", "sh", "-c", script])
    #expect(ending.exitCode == 0, "\(ending.output)")
    let results = try ResultsFile.read(output.path)
    let settings = try #require(results.session?.machine.settings)
    let run = try #require(results.runs.first)
    #expect(settings["net.core.somaxconn"] == "\(run.backlog)")
    #expect(run.backlog == (isolated ? 4096 : 77))
    #expect((settings["net.ipv4.ip_local_port_range"] == "40000 40099") == !isolated)
  }

  @Test(.enabled(if: isRoot, "tracing needs root"))
  func aSharedListenersLocksAreCountedInTheTracedRun() throws {
    let output = Output()
    let ending = try Tool.run([
      tool, "bench", "reuseport", "--modes", "shared-epoll,reuseport", "--workers", "2",
      "--repeat", "1", "--max-repeat", "1", "--duration", "1", "--warm-up", "0.2", "--locks",
      "--out", output.path,
    ])
    #expect(ending.exitCode == 0, "\(ending.output)")
    let results = try ResultsFile.read(output.path)
    #expect(results.locks.count == 2)
    #expect(results.locks.first { $0.mode == .reuseport }.map { $0.listener == nil } == true)
    // Without BTF, or with spinlocks that tell nothing, it is unknown.
    guard let listener = results.locks.first(where: { $0.mode == .sharedEpoll })?.listener else {
      return
    }
    #expect(listener.connections > 100)
    #expect(Set(listener.locks.keys) == Set(ListenerLocks.Kind.allCases))
    let connections = Double(listener.connections)
    #expect(listener.locks[.queue].map { abs($0.acquisitions / connections - 2) < 1e-6 } == true)
    #expect(listener.locks[.sleepers].map { abs($0.acquisitions / connections - 1) < 1e-6 } == true)
    #expect(listener.locks.values.allSatisfy { $0.found.count == $0.exposures.count })
  }

  @Test func interruptStopsWithinASecondAndKeepsWhatWasMeasured() throws {
    let output = Output()
    let running = try Tool(
      [
        tool, "bench", "reuseport", "--duration", "0.3", "--warm-up", "0.1", "--out", output.path,
        "--modes", "reuseport", "--workers", "1", "--repeat", "100", "--max-repeat", "100",
        "--no-netns",
      ])
    usleep(1_500_000)
    let signalled = MonotonicClock.now()
    running.signal(SIGINT)
    let ending = running.finish()
    // A second is promised; the rest is for a machine that does much else.
    #expect(MonotonicClock.now() - signalled < 3_000_000_000)
    #expect(ending.exitCode == 130)
    #expect(ending.output.contains("trans/s"))
    let runs = try ResultsFile.read(output.path).runs
    #expect(runs.count >= 1 && runs.count < 10)
  }

  @Test(arguments: [("serve", "server"), ("load", "load generator")])
  func aHalfKilledInARunIsToldAndTheSweepGoesOn(half: String, name: String) throws {
    let output = Output()
    let running = try Tool(
      [
        tool, "bench", "reuseport", "--duration", "0.5", "--warm-up", "0.1", "--out", output.path,
        "--modes", "reuseport", "--workers", "1", "--repeat", "3", "--max-repeat", "3",
        "--no-netns",
      ])
    for child in running.children(with: half) { kill(child, SIGKILL) }
    let ending = running.finish()
    #expect(ending.exitCode == 0, "\(ending.output)")
    #expect(ending.output.contains("the \(name) ended unexpectedly (signal 9)"), "\(ending.output)")
    #expect(ending.seconds < 15)
    #expect(try ResultsFile.read(output.path).runs.count == 2)
  }

  @Test func childrenDieWithTheirParent() throws {
    let output = Output()
    let running = try Tool(
      sweep(["--modes", "reuseport", "--workers", "1", "--repeat", "50", "--no-netns"], output))
    let family = running.children(with: "bench")
    #expect(!family.isEmpty)
    running.signal(SIGKILL)
    _ = running.finish()
    usleep(300_000)
    // One that nobody has reaped yet has no command line any more.
    for child in family {
      let line = try? LiveKernel().read(.proc("\(child)/cmdline"))
      #expect(line ?? [] == [])
    }
  }

  /// The kernel ends the connections of a process that is gone: the load counts them, and those
  /// that it cannot open any more.
  @Test(arguments: [Workload.crr, .rr])
  func aServerKilledUnderLoadIsCounted(workload: Workload) throws {
    let server = try Tool([
      tool, "bench", "serve", "--workload", workload.rawValue, "--port", "0", "--workers", "2",
    ])
    let running = try Tool([
      tool, "bench", "load", Self.target(server), "--workload", workload.rawValue,
      "--connections", "16", "--duration", "1", "--warm-up", "0",
    ])
    usleep(500_000)
    server.signal(SIGKILL)
    #expect(server.finish().status & 0x7f == SIGKILL)
    let ending = running.finish()
    #expect(ending.exitCode == 0, "\(ending.output)")
    #expect(ending.output.contains(" refused\n"), "\(ending.output)")
    if workload == .rr { #expect(ending.output.contains("\n16 broken\n"), "\(ending.output)") }
    #expect(ending.seconds < 5)
  }

  /// Where `bench serve --port 0` says that it listens.
  private static func target(_ server: Tool) -> String {
    let words = server.output(until: "port ").split(separator: " ")
    let port = words.firstIndex(of: "port").map { words[$0 + 1].filter(\.isNumber) } ?? ""
    return "127.0.0.1:\(port)"
  }

  /// A worker that goes takes its accept queue along, unless the kernel moves it to the others.
  @Test(.enabled(if: isRoot, "namespaces need root"), arguments: [0, 1])
  func aListenerClosedDuringLoadLosesWhatTheKernelDoesNotMove(migrate: Int) throws {
    let script = """
      ip link set lo up
      echo \(migrate) > /proc/sys/net/ipv4/tcp_migrate_req
      \(tool) bench serve --mode reuseport --workers 4 --port 7070 --duration 1.8 \
        --close-listener-after 1 &
      until ss -Hltn | grep -q :7070; do sleep 0.02; done
      \(tool) bench load 127.0.0.1:7070 --duration 1.1 --warm-up 0 --connections 256
      wait
      """
    let ending = try Tool.run(["unshare", "-n", "sh", "-c", script])
    #expect(ending.exitCode == 0, "\(ending.output)")
    #expect(ending.output.contains("transactions/s"))
    #expect(!ending.output.contains("timed out"), "\(ending.output)")
    if migrate == 1 { #expect(!ending.output.contains("broken"), "\(ending.output)") }
    #expect(ending.seconds < 10)
  }

  /// SYN, SYN-ACK, ACK, request, response with FIN, RST; else an ACK for the request, a FIN of its
  /// own and an ACK for that.
  @Test(
    .enabled(if: isRoot, "namespaces need root"),
    arguments: [(ListenerMode.reuseport, 9), (.reuseportFIN, 6)])
  func finOnTheResponseSavesPackets(mode: ListenerMode, packets: Int) throws {
    let script = """
      ip link set lo up
      \(tool) bench serve --mode \(mode.name) --port 7070 --duration 20s & server=$!
      until ss -Hltn | grep -q :7070; do sleep 0.02; done
      \(tool) bench load 127.0.0.1:7070 --duration 0.2 --warm-up 0
      # Segments sent and connections opened, in the namespace's life.
      awk '/^Tcp: [0-9]/ {print "packets:", int($12 / $6 + 0.5)}' /proc/net/snmp
      kill -INT $server; wait
      """
    let ending = try Tool.run(["unshare", "-n", "sh", "-c", script])
    #expect(ending.output.contains("packets: \(packets)\n"), "\(ending.output)")
  }

  /// With one source, FIN close and no reuse of TIME_WAIT, the ports run out.
  @Test(.enabled(if: isRoot, "namespaces need root"))
  func exhaustedPortsAreCounted() throws {
    let script = """
      ip link set lo up
      echo 0 > /proc/sys/net/ipv4/tcp_tw_reuse
      echo 40000 40099 > /proc/sys/net/ipv4/ip_local_port_range
      \(tool) bench serve --close fin --port 7070 --duration 1.8 &
      until ss -Hltn | grep -q :7070; do sleep 0.02; done
      \(tool) bench load 127.0.0.1:7070 --close fin --duration 0.5 --warm-up 0
      wait
      """
    let ending = try Tool.run(["unshare", "-n", "sh", "-c", script])
    #expect(ending.output.contains("failed for lack of a free port"), "\(ending.output)")
    #expect(ending.seconds < 10)
  }

  /// Ports that are all in TIME_WAIT before the load begins, or before it is measured.
  @Test(.enabled(if: isRoot, "namespaces need root"))
  func portsThatAreGoneAreToldWithWhatToDo() throws {
    let load = "\(tool) bench load 127.0.0.1:7070 --close fin --duration 200ms"
    let script = """
      ip link set lo up
      echo 0 > /proc/sys/net/ipv4/tcp_tw_reuse
      echo 40000 40063 > /proc/sys/net/ipv4/ip_local_port_range
      \(tool) bench serve --close fin --port 7070 --duration 20s > /dev/null 2>&1 & server=$!
      until ss -Hltn | grep -q :7070; do sleep 0.02; done
      \(load) --warm-up 400ms; echo "in the warm-up: $?"
      \(load) --sources 127.0.0.1 --json; echo "before: $?"
      \(load) --sources 127.0.0.1,127.0.0.2 --warm-up 0; echo "another source: $?"
      kill -INT $server; wait
      """
    let ending = try Tool.run(["unshare", "-n", "sh", "-c", script])
    for words in [
      "warning: nothing-measured: no transaction was done in the time measured: "
        + "cannot assign requested address (EADDRNOTAVAIL)",
      "warning: ports-exhausted: ", "warning: time-wait: 64 of 64", "in the warm-up: 1",
      "rxtune: error: no local port is free to connect to 127.0.0.1:7070: "
        + "cannot assign requested address (EADDRNOTAVAIL); raise --sources, or use --close rst",
      "before: 1", "another source: 0",
    ] { #expect(ending.output.contains(words), "\(words) in \(ending.output)") }
  }

  @Test(.enabled(if: isRoot, "namespaces need root"), arguments: ["", "--json"])
  func aSweepThatMeasuredNothingFails(json: String) throws {
    let output = Output()
    let command = sweep(
      [
        "--modes", "reuseport", "--workers", "1", "--repeat", "1", "--max-repeat", "1",
        "--no-locks", "--no-netns", "--sources", "1", "--close", "fin", "--warm-up", "400ms",
      ], output
    ).joined(separator: " ")
    let script = """
      ip link set lo up
      echo 0 > /proc/sys/net/ipv4/tcp_tw_reuse
      echo 40000 40063 > /proc/sys/net/ipv4/ip_local_port_range
      \(command) \(json)
      """
    let ending = try Tool.run(["unshare", "-n", "sh", "-c", script])
    #expect(ending.exitCode == 1, "\(ending.output)")
    #expect(ending.output.contains("nothing-measured"), "\(ending.output)")
    #expect(
      ending.output.contains("nothing was measured of reuseport with 1 worker"),
      "\(ending.output)")
    let run = try #require(try ResultsFile.read(output.path).runs.first)
    #expect(run.warnings.contains { $0.code == .nothingMeasured })
  }

  /// From one end of a link to the other by link-local addresses, the zones by name and by index.
  @Test(.enabled(if: isRoot, "namespaces need root"))
  func linkLocalAddressesTakeAZone() throws {
    let script = """
      ip link add v0 type veth peer name v1
      ip address add fe80::1/64 dev v0 nodad
      ip link set v0 up
      unshare -n sh -c '
        until ip link show v1 > /dev/null 2>&1; do sleep 0.02; done
        ip address add fe80::2/64 dev v1 nodad
        ip link set v1 up
        exec \(tool) bench serve --host fe80::2%v1 --port 7070 --duration 20s' & server=$!
      until [ "$(readlink /proc/$server/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do
        sleep 0.02
      done
      ip link set v1 netns $server
      load="\(tool) bench load --warm-up 0 --duration 200ms"
      for n in $(seq 50); do $load '[fe80::2%v0]:7070' && break; sleep 0.1; done
      echo "by name: $?"
      index=$(ip -o link show v0 | cut -d: -f1)
      $load "[fe80::2%$index]:7070" --sources fe80::1%v0; echo "by index: $?"
      $load '[fe80::2]:7070'; echo "without: $?"
      $load 192.0.2.1:7070; echo "no route: $?"
      ip link set lo up && ip address add 192.0.2.9/24 dev v0
      $load 192.0.2.1:7070 --sources 127.0.0.1; echo "from loopback: $?"
      kill -INT $server; wait
      """
    let ending = try Tool.run(["unshare", "-n", "sh", "-c", script])
    for words in [
      "by name: 0", "by index: 0", "without: 1", "no route: 1", "from loopback: 1",
      "invalid argument (EINVAL); a loopback source reaches loopback addresses only",
      "rxtune: error: target [fe80::2]:7070: the link-local address fe80::2 needs a zone, its interface; "
        + "use [fe80::2%v0]:7070",
      "rxtune: error: no route to 192.0.2.1:7070: network is unreachable (ENETUNREACH); see ip route get 192.0.2.1",
    ] { #expect(ending.output.contains(words), "\(words) in \(ending.output)") }
  }

  @Test func serveTellsWhatItDidWhenInterrupted() throws {
    let server = try Tool([tool, "bench", "serve", "--port", "0", "--workers", "2"])
    let line = server.output(until: "port")
    #expect(line.contains("reuseport: 2 workers serve crr on 127.0.0.1 port "))
    server.signal(SIGTERM)
    let ending = server.finish()
    #expect(ending.exitCode == 0)
    #expect(ending.output.contains("worker 1: 0 accepted"))
    #expect(ending.seconds < 2)
  }

  @Test func loadThatWaitsForItsStartIsInterruptedAtOnce() throws {
    let server = try Tool([tool, "bench", "serve", "--port", "0"])
    let start = MonotonicClock.realtime() + 600
    let running = try Tool([tool, "bench", "load", Self.target(server), "--start-at", "\(start)"])
    usleep(500_000)
    let signalled = MonotonicClock.now()
    running.signal(SIGINT)
    let ending = running.finish()
    #expect(MonotonicClock.now() - signalled < 2_000_000_000)
    #expect(ending.output.contains("no transaction was done"), "\(ending.output)")
    server.signal(SIGTERM)
    #expect(server.finish().exitCode == 0)
  }

  /// With descriptors for the listeners and for some of the rings only.
  @Test func aServerWithoutARingForEachWorkerIsNotStarted() throws {
    let script = """
      ulimit -n 193
      for n in $(seq 3 17); do eval "exec $n>&-"; done
      for n in $(seq 18 192); do eval "exec $n</dev/null"; done
      exec \(tool) bench serve --mode uring --workers 8 --max-connections 1 --port 0 --duration 0.2
      """
    let ending = try Tool.run(["bash", "-c", script])
    #expect(ending.exitCode == 1, "\(ending.output)")
    #expect(ending.output.contains("uring: io_uring_setup: "), "\(ending.output)")
  }

  /// Two load hosts with a source address each, two servers, one moment agreed upon.
  @Test func loadOnSeveralTargetsBeginsWhenAgreed() throws {
    let servers = try (0..<2).map { _ in try Tool([tool, "bench", "serve", "--port", "0"]) }
    let targets = servers.map(Self.target)
    let agreed = MonotonicClock.realtime() + 1
    let loads = try ["127.0.2.1", "127.0.2.2"].map { source in
      try Tool(
        [tool, "bench", "load"] + targets + [
          "--sources", source, "--connections", "4", "--start-at", "\(agreed)", "--duration",
          "0.3", "--warm-up", "0",
        ])
    }
    let endings = loads.map { $0.finish() }
    #expect(endings.allSatisfy { $0.exitCode == 0 }, "\(endings.map(\.output))")
    #expect(MonotonicClock.realtime() >= agreed + 0.3)
    for server in servers {
      server.signal(SIGTERM)
      let served = server.finish().output.split(separator: " ").first.flatMap { Int($0) }
      #expect((served ?? 0) > 0)
    }
  }

  @Test(arguments: [
    ["reuseport", "--modes", "prefork"], ["reuseport", "--workers", "0"],
    ["reuseport", "--workers", "1,x"], ["reuseport", "--cpus", "server"],
    ["reuseport", "--cpus", "nic=0"], ["reuseport", "--duration", "0"],
    ["reuseport", "--cpus", "server=0f"], ["reuseport", "--cpus", "client=0x1"],
    ["serve", "--cpus", "0f"], ["load", "127.0.0.1:1", "--cpus", "00000001"],
    ["reuseport", "--duration", "nan"], ["reuseport", "--workload", "udp-rr", "--modes", "uring"],
    ["serve", "--port", "65536"], ["serve", "--mode", "x"], ["load"],
    ["load", "--rate", "x", "a:1"], ["load", "127.0.0.1:1", "--start-at", "5"],
    ["report", "/nowhere", "--json", "--html", "/nowhere/x"],
    ["reuseport", "--time-limit", "-1"], ["serve", "--duration", "0"],
    ["serve", "--duration", "5", "--close-listener-after", "10"],
    ["serve", "--duration", "1", "--close-listener-after", "-1"],
    ["serve", "--duration", "1", "--close-listener-after", "0.5", "--mode", "uring"],
    ["serve", "--duration", "1", "--close-listener-after", "0.5", "--mode", "shared-epoll"],
    ["serve", "--duration", "1", "--close-listener-after", "0.5", "--workload", "udp-rr"],
  ])
  func wrongUsageIsRefused(arguments: [String]) throws {
    let ending = try Tool.run([tool, "bench"] + arguments)
    #expect(ending.exitCode == 64, "\(ending.output)")
  }

  @Test(arguments: [
    ["reuseport", "--cpus", "server=4000", "--out", "/nowhere/x"],
    ["serve", "--cpus", "4000"], ["load", "127.0.0.1:1", "--cpus", "4000"],
    ["serve", "--workers", "100000"], ["serve", "--request-bytes", "1"],
    ["load", "127.0.0.1:1", "--duration", "0.1"], ["load", "nobody:1"],
    ["load", "127.0.0.1:1", "--sources", "192.0.2.1"], ["serve", "--respond", "/nowhere"],
    ["report", "/nowhere"], ["report", "/dev/null"], ["compare", "/nowhere", "/dev/null"],
    ["reuseport", "--out", "/dev/null/x"], ["reuseport", "--connections", "0"],
    ["reuseport", "--connections", "9000000000000000000"], ["reuseport", "--backlog", "0"],
    ["reuseport", "--connections", "600000"], ["reuseport", "--rate", "0.5"],
  ])
  func whatCannotBeDoneFailsWithAReason(arguments: [String]) throws {
    let ending = try Tool.run([tool, "bench"] + arguments)
    #expect(ending.exitCode == 1, "\(ending.output)")
    #expect(ending.output.contains("rxtune: error: "))
    #expect(ending.seconds < 3)
  }
}
