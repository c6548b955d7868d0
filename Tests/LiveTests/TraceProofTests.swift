import FoundationEssentials
import Glibc
import KernelIO
import ReceivePath
import TestSupport
import TestTraits
import Testing

@testable import Live

private enum Tracing {
  static let isAvailable =
    NetworkNamespace.isAvailable && Shell.has("python3")
    && (try? LiveKernel().types()) != nil
}

/// The trace against a known load, and against what the kernel and the program say themselves.
///
/// Between two namespaces, joined by a veth pair; the receiving side is this thread's.
@Suite(
  "Trace of a known load", .ownThreadFirst, .serialized,
  .enabled(if: Tracing.isAvailable, "needs root, BTF and python3"))
struct TraceProofTests {
  private static let script =
    #filePath.split(separator: "/").dropLast().reduce(into: "") { $0 += "/" + $1 } + "/load.py"

  struct Load {
    var transport = "tcp"
    var host = "10.91.0.2"
    var count = 2_000
    var rate = 2_000
    var connections = 16
    /// What the reader sleeps before each look, seconds.
    var pause = 0.0
    /// Done to the receiving side first; its device is v0.
    var setUp = ":"
    /// Before the reader; $D is a folder of the load's own.
    var readerPrefix = ""
    /// Instead of a reader, and of the sender; $N is before what runs on the other side.
    var reader: String?
    var sender: String?
    /// The sender's CPU, which polls its packets as well unless RPS moves them.
    var senderCPU: Int?
    /// Asked in the end, on the receiving side.
    var question = ":"
  }

  struct Served: Decodable {
    var messages: Int
    var reads: Int
    /// Nanoseconds from the kernel's stamp to the program.
    var mean: Double
  }

  struct Outcome {
    var trace: Trace
    /// What the reader printed last; nil of one that was replaced.
    var served: Served?
    /// What came of the load's question.
    var answer: String
  }

  /// Runs a load and traces it until its reader ended.
  static func run(_ load: Load) throws -> Outcome {
    try NetworkNamespace.run { namespace in
      let folder = try namespace.shell("mktemp -d").split(separator: "\n").joined()
      // The other side's namespace lives as long as its sleep, which inherits that all other
      // signals are blocked on threads of tests.
      defer {
        _ = try? Shell.run("kill -KILL $(cat \(folder)/peer \(folder)/container); rm -rf \(folder)")
      }
      let prefix = "N=\"nsenter -t $(cat \(folder)/peer) -n\"; S=\(script); D=\(folder)"
      try namespace.shell(
        """
        unshare -n sleep 120 >/dev/null 2>&1 & echo $! > \(folder)/peer
        while [ "$(readlink /proc/$!/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do
          sleep 0.02
        done
        \(prefix)
        set -e
        ip link add v0 numrxqueues 4 numtxqueues 4 type veth peer name p0 \
          numrxqueues 4 numtxqueues 4
        ip link set p0 netns $(cat \(folder)/peer)
        ip addr add 10.91.0.2/24 dev v0
        ip -6 addr add fd91::2/64 dev v0 nodad
        ethtool -K v0 gro on
        ip link set v0 up
        $N ip addr add 10.91.0.1/24 dev p0
        $N ip -6 addr add fd91::1/64 dev p0 nodad
        $N ethtool -K p0 tso off >/dev/null
        $N ip link set p0 up
        \(load.setUp)
        $N ping -c 1 -W 2 10.91.0.2 >/dev/null
        $N ping -c 1 -W 2 fd91::2 >/dev/null
        """)
      let host = Host(LiveKernel())
      let tracer = try Tracer(Tracer.Question(devices: [try host.link("v0")], slowest: 3), on: host)
      let reader =
        load.reader
          ?? """
          \(load.readerPrefix) python3 $S serve \(load.transport) 7000 \(load.count) \
            \(load.pause)
          """
      let pin = load.senderCPU.map { "taskset -c \($0) " } ?? ""
      let sender =
        load.sender
          ?? """
          $N \(pin)python3 $S send \(load.transport) \(load.host) 7000 \(load.count) \(load.rate) \
            \(load.connections)
          """
      try namespace.shell(
        """
        (\(prefix)
        (\(reader)) > \(folder)/served 2>&1 &
        n=0
        until grep -q ready \(folder)/served || [ $((n += 1)) -gt 1000 ]; do sleep 0.02; done
        \(sender)
        wait
        touch \(folder)/done) > \(folder)/log 2>&1 &
        """)
      tracer.collect(until: MonotonicClock.now() + 60_000_000_000) { time in
        while MonotonicClock.now() < time {
          usleep(5_000)
          if FileManager.default.fileExists(atPath: "\(folder)/done") { return false }
        }
        return true
      }
      let log = try namespace.shell("cat \(folder)/log \(folder)/served")
      try #require(log.contains("sent"), "\(log)")
      let trace = tracer.result()
      let served = load.reader == nil ? try namespace.shell("tail -1 \(folder)/served") : nil
      return Outcome(
        trace: trace,
        served: try served.map { try JSONDecoder().decode(Served.self, from: Data($0.utf8)) },
        answer: try namespace.shell(load.question))
    }
  }

  private static func times(_ trace: Trace, _ stage: TraceStage) -> TraceTimes? {
    zip(TraceStage.all, trace.summary.stages).first { $0.0.id == stage.id }?.1
  }

  /// Of the time of all packets, what went to a stage.
  private static func share(_ trace: Trace, _ stage: TraceStage) -> Double {
    Double(times(trace, stage)?.sum ?? 0) / Double(trace.summary.whole?.sum ?? 1)
  }

  private static func expectSumsAgree(_ trace: Trace) throws {
    let whole = try #require(trace.summary.whole)
    #expect(trace.summary.stages.reduce(0) { $0 + ($1?.sum ?? 0) } == whole.sum)
    #expect(whole.count == trace.counts.read)
    let ends = TraceCounts.outcomes.reduce(0) { $0 + $1.count(trace.counts) }
    #expect(ends == trace.counts.entered)
    for groups in [trace.summary.queues, trace.summary.cpus, trace.summary.sockets] {
      #expect(groups.reduce(0) { $0 + $1.whole.count } == whole.count)
      #expect(groups.reduce(0) { $0 + $1.whole.sum } == whole.sum)
    }
  }

  @Test(arguments: [
    ("tcp", "10.91.0.2"), ("udp", "10.91.0.2"), ("tcp", "fd91::2"), ("udp", "fd91::2"),
  ])
  func everyPacketOfAPacedLoadIsAccountedFor(_ transport: String, _ host: String) throws {
    var load = Load()
    load.transport = transport
    load.host = host
    let outcome = try Self.run(load)
    let (trace, served) = (outcome.trace, outcome.served)
    try Self.expectSumsAgree(trace)
    #expect(served?.messages == load.count)
    let counts = trace.counts
    // Merged ones were not followed on, but are counted.
    let seen = counts.read + counts.readByNewThread + counts.mergedByGRO + counts.unread
    #expect(Double(seen) >= 0.999 * Double(load.count), "\(counts)")
    #expect(counts.read + counts.readByNewThread >= UInt64(served?.reads ?? 0) * 999 / 1000)
    #expect(counts.slotLost == 0 && counts.ringFull == 0 && counts.withoutSocket <= 16, "\(counts)")
    let packet = try #require(trace.summary.slowest.first)
    #expect(packet.transport?.name == transport)
    #expect(packet.family == (host.contains(":") ? 6 : 4))
    #expect(packet.localPort == 7000 && packet.name == "python3")
    #expect(packet.way == .softirq && packet.napi > 0 && packet.process > 0)
  }

  /// Where CPUs queue datagrams into one socket at once, one of them queues and tells all.
  @Test(.enabled(if: cpus > 1, "needs two CPUs that send"))
  func everyDatagramFromTwoCPUsIsAccountedFor() throws {
    var load = Load()
    load.transport = "udp"
    load.count = 6_000
    load.sender = """
      for cpu in 0 1; do
        $N taskset -c $cpu python3 $S send udp 10.91.0.2 7000 3000 3000 8 &
      done
      """
    let outcome = try Self.run(load)
    let (counts, reads) = (outcome.trace.counts, try #require(outcome.served).reads)
    try Self.expectSumsAgree(outcome.trace)
    #expect(reads == load.count && outcome.trace.summary.cpus.count == 2)
    #expect(counts.read + counts.readByNewThread >= UInt64(reads) * 999 / 1000, "\(counts)")
  }

  /// What TCP merges in a socket's queue ends without an event. Its memory may be what another process
  /// sends next, and a tun device's reader takes.
  @Test func whatOthersSendIsNoPacket() throws {
    var load = Load()
    load.count = 4_000
    load.connections = 2
    load.pause = 0.01
    load.readerPrefix = "for cpu in 0 1; do taskset -c $cpu unshare -n python3 $S tun 3 & done;"
    let trace = try Self.run(load).trace
    try Self.expectSumsAgree(trace)
    #expect(trace.counts.unread > 1_000, "TCP merges what waits: \(trace.counts)")
    #expect(trace.summary.slowest.map(\.name) == ["python3", "python3", "python3"])
  }

  /// The kernel stamps a packet where the trace says that the stack took it. A reader that sleeps
  /// makes the way long, so that what Python takes after its system call counts little.
  @Test(arguments: ["tcp", "udp"])
  func agreesWithTheKernelsOwnStamps(_ transport: String) throws {
    var load = Load()
    load.transport = transport
    load.count = 200
    load.rate = 200
    // One message each: of what TCP merges, the kernel has the last one's stamp.
    load.connections = 200
    load.pause = 0.02
    let outcome = try Self.run(load)
    let ownMean = try #require(outcome.served?.mean)
    let whole = try #require(outcome.trace.summary.whole)
    let afterStack = [TraceStage.stack, .wakeUp, .schedule, .read, .wait]
      .reduce(0) { $0 + (Self.times(outcome.trace, $1)?.sum ?? 0) }
    let mean = Double(afterStack) / Double(whole.count)
    #expect(ownMean > 1_000_000, "the reader sleeps 20 ms before each look")
    #expect(abs(mean - ownMean) / ownMean < 0.05, "trace \(mean) ns, program \(ownMean) ns")
  }

  /// Who shares its CPU reads all that came meanwhile in one go, while another CPU brings more: datagrams
  /// are read before they are told of, and their memory is the next one's before their reader is done.
  @Test(.enabled(if: cpus > 1, "needs a CPU that sends and one that reads"))
  func aReaderThatSharesItsCPUIsFollowed() throws {
    var load = Load()
    load.transport = "udp"
    load.count = 20_000
    load.rate = 10_000
    load.connections = 4
    load.senderCPU = 1
    load.readerPrefix =
      "taskset -c 0 sh -c 'while kill -0 $PPID 2>/dev/null; do :; done' & taskset -c 0"
    let outcome = try Self.run(load)
    try Self.expectSumsAgree(outcome.trace)
    let counts = outcome.trace.counts
    #expect(outcome.served?.reads == load.count)
    #expect(counts.slotLost <= 1 && counts.unread <= 1, "\(counts)")
    #expect(counts.read >= UInt64(load.count) * 99 / 100, "\(counts)")
  }

  @Test func aSlowReaderLengthensTheWaitInTheSocket() throws {
    var load = Load()
    load.transport = "udp"
    load.count = 500
    load.rate = 500
    let prompt = try Self.run(load).trace
    load.pause = 0.02
    let slow = try Self.run(load).trace
    #expect(Self.share(slow, .wait) > 0.9)
    #expect(Self.share(prompt, .wait) < 0.5)
    try Self.expectSumsAgree(slow)
  }

  private static let cpus = (try? Shell.run("nproc")).flatMap { Int($0.prefix { $0 != "\n" }) } ?? 1

  @Test(.enabled(if: cpus > 1, "RPS needs another CPU"))
  func steeringByRPSLengthensTheWayToTheStack() throws {
    var load = Load()
    load.transport = "udp"
    load.senderCPU = 0
    let plain = try Self.run(load).trace
    load.setUp = "for q in /sys/class/net/v0/queues/rx-*; do echo 2 > $q/rps_cpus; done"
    let steered = try Self.run(load).trace
    // What IPv6 sends of itself on the other CPU may have one of the load polled there.
    let nearlyAll = 0.99
    let onSenders = plain.summary.cpus.first { $0.key == .cpu(0) }?.whole.count ?? 0
    #expect(Double(onSenders) >= nearlyAll * Double(plain.counts.read), "\(plain.summary.cpus)")
    #expect(plain.summary.moved == 0)
    #expect(Double(steered.summary.moved) >= nearlyAll * Double(steered.counts.read))
    #expect(steered.summary.cpus.map(\.key) == [.cpu(1)])
    // An interrupt of the other CPU, instead of a function call.
    let before = try #require(Self.times(plain, .gro)?.p50)
    let after = try #require(Self.times(steered, .gro)?.p50)
    #expect(after > 2 * before, "median \(before) ns before, \(after) ns after")
    try Self.expectSumsAgree(steered)
  }

  private static func dropped(_ trace: Trace, _ reason: String) -> UInt64 {
    trace.drops.reduce(0) { $0 + ($1.ifindex != nil && $1.reason == reason ? $1.count : 0) }
  }

  @Test func dropsOfNoSocketAreExact() throws {
    var load = Load()
    load.transport = "udp"
    load.count = 300
    load.rate = 1_000
    load.reader = "echo ready"
    let trace = try Self.run(load).trace
    #expect(Self.dropped(trace, "NO_SOCKET") == 300)
    #expect(trace.counts.dropped == 300)
    #expect(trace.counts.read == 0 && trace.summary.whole == nil)
  }

  @Test func dropsOfAFullSocketAreExact() throws {
    var load = Load()
    load.transport = "udp"
    load.count = 1_000
    load.rate = 5_000
    load.reader = "python3 $S hold 7000 2"
    load.question = "awk '/^Udp:/ { n++; if (n == 2) print $6 }' /proc/net/snmp"
    let outcome = try Self.run(load)
    let own = try #require(UInt64(outcome.answer.prefix { $0 != "\n" }))
    #expect(own > 900)
    #expect(Self.dropped(outcome.trace, "SOCKET_RCVBUFF") == own)
    let drop = outcome.trace.drops.first { $0.reason == "SOCKET_RCVBUFF" }
    #expect(drop?.function?.contains("udp") == true, "\(String(describing: drop))")
  }

  @Test func dropsOfStrayFramesAreExact() throws {
    var load = Load()
    load.reader = "echo ready"
    load.sender = "$N python3 $S frames p0 150"
    let trace = try Self.run(load).trace
    #expect(Self.dropped(trace, "OTHERHOST") == 150)
    #expect(Self.dropped(trace, "UNHANDLED_PROTO") == 150)
  }

  @Test func threadsOfNAPIAreTold() throws {
    var load = Load()
    load.setUp = "echo 1 > /sys/class/net/v0/threaded"
    let trace = try Self.run(load).trace
    let whole = try #require(trace.summary.whole)
    #expect(trace.summary.ways[.thread] == whole.count)
    #expect(trace.notes.contains { $0.contains("napi.threaded") })
    // Woken for most packets, as these come one by one.
    #expect(Self.times(trace, .softirq)?.count ?? 0 > whole.count / 2)
    #expect(Self.times(trace, .schedule)?.count ?? 0 > whole.count / 2)
    try Self.expectSumsAgree(trace)
  }

  /// A reader polls the device for itself, and for another that sleeps on a socket of its own.
  @Test(.enabled(if: cpus > 1, "the poller needs a CPU besides the sender's"))
  func packetsThatAReaderPolledBusilyAreTold() throws {
    var load = Load()
    load.transport = "udp"
    load.count = 1_000
    load.reader = "taskset -c 0 python3 $S poll 7000 1000"
    load.sender = """
      for port in 7000 7001; do
        $N taskset -c 1 python3 $S send udp 10.91.0.2 $port 1000 1000 1 &
      done
      """
    // What the kernel counts itself, neighbour discovery with it.
    load.question = "nstat -asz TcpExtBusyPollRxPackets | awk 'END { print $2 }'"
    let outcome = try Self.run(load)
    let trace = outcome.trace
    try Self.expectSumsAgree(trace)
    let counts = trace.counts
    // A reader that spins can be quicker than the kernel is to announce a datagram.
    let early = counts.withoutSocket
    #expect(counts.read + counts.readByNewThread + early >= 1_998, "\(counts)")
    #expect(early < 100)
    let own = try #require(UInt64(outcome.answer.prefix { $0 != "\n" }))
    #expect(own > 0)
    #expect((trace.summary.ways[.process] ?? 0) + early + counts.otherProtocol >= own)
    #expect(trace.notes.contains { $0.contains("busy polling") })
  }

  /// A bridge between the device and the one that has the address.
  private static let bridge = """
    ip link add br0 type bridge; ip link set br0 up; ip addr flush dev v0
    ip link set v0 master br0
    """

  @Test(arguments: ["tcp", "udp"]) func followsThroughABridge(_ transport: String) throws {
    var load = Load()
    load.transport = transport
    load.count = 500
    load.setUp = """
      \(Self.bridge)
      ip addr add 10.91.0.2/24 dev br0; ip -6 addr add fd91::2/64 dev br0 nodad
      """
    let trace = try Self.run(load).trace
    #expect(trace.counts.read + trace.counts.mergedByGRO + trace.counts.unread >= 500)
    #expect(trace.counts.read > 250)
    try Self.expectSumsAgree(trace)
  }

  @Test(arguments: ["on", "off"]) func followsIntoAContainer(_ gro: String) throws {
    var load = Load()
    load.transport = "udp"
    load.count = 500
    load.setUp = """
      \(Self.bridge)
      unshare -n sleep 120 >/dev/null 2>&1 & echo $! > $D/container
      while [ "$(readlink /proc/$!/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do
        sleep 0.02
      done
      C="nsenter -t $(cat $D/container) -n"
      ip link add c0 type veth peer name v0 netns $(cat $D/container)
      ip link set c0 up master br0
      $C ethtool -K v0 gro \(gro); $C ip link set v0 up
      $C ip addr add 10.91.0.2/24 dev v0; $C ip -6 addr add fd91::2/64 dev v0 nodad
      """
    load.readerPrefix = "nsenter -t $(cat $D/container) -n"
    let trace = try Self.run(load).trace
    #expect(trace.counts.read >= 495, "\(trace.counts)")
    #expect(trace.devices.map(\.name) == ["v0"])
    try Self.expectSumsAgree(trace)
  }

  @Test func withoutNAPIPacketsAreTimedFromTheBacklog() throws {
    var load = Load()
    load.setUp = "ethtool -K v0 gro off"
    let trace = try Self.run(load).trace
    let whole = try #require(trace.summary.whole)
    // A reader that is late finds some merged in the socket.
    #expect(whole.count + trace.counts.unread >= 1_990)
    #expect(trace.summary.ways[.backlog] == whole.count)
    #expect(Self.times(trace, .softirq) == nil)
    try Self.expectSumsAgree(trace)
  }

  @Test func otherPortsAreCountedOnly() throws {
    try NetworkNamespace.run { namespace in
      let host = Host(LiveKernel())
      let tracer = try Tracer(
        Tracer.Question(devices: [try host.link("lo")], port: 7001), on: host)
      try namespace.shell("bash -c 'for i in 1 2 3; do echo > /dev/udp/127.0.0.1/7002; done'")
      tracer.collect(until: MonotonicClock.now() + 10_000_000) { _ in usleep(1_000) == 0 }
      let trace = tracer.result()
      #expect(trace.counts.otherPort == 3)
      #expect(trace.counts.read == 0)
    }
  }

  @Test func aVethCannotBeTracedByQueue() throws {
    try NetworkNamespace.run { namespace in
      try namespace.addVeth("v0", "v1")
      let host = Host(LiveKernel())
      let error = #expect(throws: TraceError.self) {
        _ = try Tracer(Tracer.Question(devices: [try host.link("v0")], queue: 1), on: host)
      }
      #expect(error?.description.contains("which queue") == true)
    }
  }

  /// However the command ends, the kernel takes its programs away.
  @Test(arguments: ["KILL", "TERM"]) func nothingOutlivesTheCommand(_ signal: String) throws {
    let started = try Shell.run(
      "'\(Program.rxtune)' trace lo --for 60s >/dev/null 2>&1 & echo $!")
    let process = try #require(Int(started.prefix { $0 != "\n" }))
    var ids: [UInt32] = []
    // Until all are there, entry programs last.
    for _ in 0..<2_000 where ids.count < 2 * 15 {
      usleep(10_000)
      ids = try KernelProgram.ids(ofProcess: process)
    }
    #expect(ids.count >= 2 * 15, "a descriptor of each program, and one of its place")
    #expect(ids.allSatisfy(KernelProgram.isLoaded))
    try Shell.run("kill -\(signal) \(process)")
    for _ in 0..<2_000 where ids.contains(where: KernelProgram.isLoaded) { usleep(10_000) }
    #expect(!ids.contains(where: KernelProgram.isLoaded))
  }

  @Test func withoutTypesNothingIsAttached() throws {
    let error = #expect(throws: TraceError.self) {
      _ = try Tracer(Tracer.Question(devices: []), on: Host(ScriptedKernel()))
    }
    #expect(error?.description.contains("/sys/kernel/btf/vmlinux") == true)
  }
}
