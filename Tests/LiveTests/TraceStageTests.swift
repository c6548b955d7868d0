import KernelIO
import Netlink
import TestSupport
import Testing

@testable import Live

@Suite("Trace stages") struct TraceStageTests {
  /// A packet that came by an interrupt, and that woke its reader.
  static let woken: PacketRecord = {
    var packet = PacketRecord()
    packet.interrupt = 1_000
    packet.scheduled = 1_100
    packet.softirq = 1_300
    packet.poll = 1_600
    packet.entry = 2_000
    packet.stack = 2_500
    packet.socket = 3_100
    packet.waking = 3_800
    packet.running = 4_600
    packet.read = 5_500
    return packet
  }()

  private static func times(_ packet: PacketRecord) -> [String: UInt64] {
    var times: [String: UInt64] = [:]
    for (stage, time) in zip(TraceStage.all, packet.times) {
      if let time { times[stage.id] = time }
    }
    return times
  }

  @Test func eachStageIsTheTimeUpToItsEnd() {
    #expect(
      Self.times(Self.woken) == [
        "interrupt": 100, "softirq": 200, "turn": 300, "poll": 400, "gro": 500, "stack": 600,
        "wake-up": 700, "schedule": 800, "read": 900,
      ])
  }

  @Test func withoutAnInterruptTheWayBeginsLater() {
    var packet = Self.woken
    packet.interrupt = 0
    #expect(packet.start == 1_100)
    #expect(Self.times(packet)["interrupt"] == nil)
    #expect(Self.times(packet)["softirq"] == 200)
    packet.scheduled = 0
    packet.softirq = 0
    packet.poll = 0
    #expect(packet.start == 2_000)
    #expect(Set(Self.times(packet).keys) == ["gro", "stack", "wake-up", "schedule", "read"])
  }

  @Test func aBusyReaderMakesItWait() {
    var packet = Self.woken
    // It ran since before the packet was there.
    packet.waking = 2_900
    packet.running = 3_000
    #expect(packet.reader == nil)
    #expect(Self.times(packet)["wait"] == 2_400)
    #expect(Self.times(packet)["schedule"] == nil)
    // Nobody woke it for a packet.
    packet.waking = 0
    packet.running = 4_600
    #expect(Self.times(packet)["wait"] == 2_400)
  }

  @Test func aReaderOnItsWayCountsFromThePacket() {
    var packet = Self.woken
    packet.waking = 2_900
    #expect(packet.reader?.woken == 3_100)
    #expect(Self.times(packet)["wake-up"] == 0)
    #expect(Self.times(packet)["schedule"] == 1_500)
  }

  @Test func aReaderThatWasNotAsleepYetRunsAtOnce() {
    var packet = Self.woken
    packet.running = 0
    #expect(Self.times(packet)["schedule"] == 0)
    #expect(Self.times(packet)["read"] == 1_700)
  }

  @Test func aMissingStepIsTheNextOnes() {
    var packet = Self.woken
    packet.socket = 0
    #expect(Self.times(packet)["stack"] == nil)
    #expect(Self.times(packet)["wake-up"] == 1_300)
  }

  /// Whatever stamps there are in whatever order, unless clocks go back.
  @Test func stagesSumUpToTheWhole() {
    var generator = SplitMix(seed: 5)
    for _ in 0..<5_000 {
      var packet = PacketRecord()
      var time: UInt64 = 1_000_000
      func next() -> UInt64 {
        time += .random(in: 1...1_000, using: &generator)
        return Bool.random(using: &generator) ? time : 0
      }
      packet.interrupt = next()
      packet.scheduled = next()
      packet.softirq = next()
      packet.poll = next()
      time += 1
      packet.entry = time
      packet.stack = next()
      packet.socket = next()
      packet.waking = next()
      packet.running = next()
      time += 1
      packet.read = time
      let sum = packet.times.reduce(0) { $0 + ($1 ?? 0) }
      #expect(sum == packet.whole, "\(packet)")
    }
  }

  @Test func stampsThatGoBackTakeNoTime() {
    var packet = Self.woken
    packet.stack = 1_990
    #expect(Self.times(packet)["gro"] == 0)
    #expect(Self.times(packet)["stack"] == 1_100)
    packet.read = 0
    #expect(packet.whole == 3_600)
  }

  @Test func aRecordIsReadAsTheProgramWroteIt() throws {
    var words = (0..<19).map { UInt64($0) * 10 }
    words[11] = 2 << 32 | 1
    words[12] = 27 << 32 | 3
    words[13] = 4 << 32 | 9
    words[14] = 1500 << 32 | 8200
    // Ports 8080 and 50000, UDP, IPv6, polled by a thread.
    words[15] = 8080 | 50_000 << 16 | 17 << 32 | 6 << 40 | 1 << 48
    words[16] = 78 << 32 | 77
    words[17] = 0x0067_6e69_6e6e_7572  // "running"
    words[18] = 0
    let packet = try #require(PacketRecord(words))
    #expect(packet.interrupt == 10 && packet.scheduled == 20 && packet.softirq == 30)
    #expect(packet.poll == 40 && packet.entry == 50 && packet.stack == 60)
    #expect(packet.socket == 70 && packet.waking == 80 && packet.running == 90)
    #expect(packet.read == 100)
    #expect(packet.entryCPU == 1 && packet.stackCPU == 2 && packet.changedCPU)
    #expect(packet.readCPU == 3 && packet.irq == 27)
    #expect(packet.ifindex == 9 && packet.queue == 3)
    #expect(packet.napi == 8200 && packet.length == 1500)
    #expect(packet.localPort == 8080 && packet.remotePort == 50_000)
    #expect(packet.transport == .udp && packet.family == 6 && packet.way == .thread)
    #expect(packet.process == 77 && packet.thread == 78)
    #expect(packet.name == "running")
    for count in 0..<19 { #expect(PacketRecord(Array(words.prefix(count))) == nil) }
    words[13] = 9
    #expect(PacketRecord(words)?.queue == nil)
  }

  @Test func packetsAreGroupedAndTheSlowestKept() {
    var collector = TraceCollector(slowest: 2)
    for (index, delay) in [UInt64(10), 4_000, 300, 2_000].enumerated() {
      var packet = Self.woken
      packet.read += delay
      packet.ifindex = 7
      packet.queue = UInt32(index % 2)
      packet.stackCPU = 5
      packet.transport = .tcp
      packet.localPort = 80
      packet.way = .softirq
      collector.add(packet)
    }
    let summary = collector.summary
    #expect(summary.slowest.map(\.whole) == [8_500, 6_500])
    #expect(summary.whole?.count == 4)
    #expect(summary.whole?.sum == 4 * 4_500 + 6_310)
    #expect(summary.whole?.max == 8_503, "the upper end of a bucket of three digits")
    #expect(
      summary.queues.map(\.key) == [
        .queue(ifindex: 7, 0, napi: nil), .queue(ifindex: 7, 1, napi: nil),
      ])
    #expect(summary.queues.map(\.whole.count) == [2, 2])
    #expect(summary.cpus.map(\.key) == [.cpu(5)])
    #expect(summary.sockets.map(\.key) == [.port(.tcp, 80)])
    #expect(summary.sockets.first?.sums.reduce(0, +) == summary.whole?.sum)
    #expect(summary.sockets.first?.slowestStage?.id == "read")
    #expect(summary.ways[.softirq] == 4)
    #expect(summary.moved == 4)
  }

  @Test func portsBeyondManyAreLumped() {
    var collector = TraceCollector(slowest: 0)
    for port in 0..<UInt16(600) {
      var packet = Self.woken
      packet.transport = .udp
      packet.localPort = port
      collector.add(packet)
    }
    let sockets = collector.summary.sockets
    #expect(sockets.count == 513)
    #expect(sockets.last?.key == .others)
    #expect(sockets.last?.whole.count == 88)
    #expect(collector.summary.slowest.isEmpty)
  }

  @Test func endsSumUpToWhatEntered() {
    // As the map's fields, in order.
    let counts = TraceCounts([1_000, 3, 700, 10, 20, 150, 4, 500, 5, 400, 6, 7, 8])
    #expect(counts.mergedByGRO == 297)
    #expect(counts.withoutSocket == 16)
    #expect(counts.unread == 74)
    #expect(counts.dropped == 12)
    #expect(TraceCounts.outcomes.reduce(0) { $0 + $1.count(counts) } == 1_000)
    // Read from a map that has grown less fields than this program knows.
    #expect(TraceCounts([5]).mergedByGRO == 5)
    #expect(TraceCounts([5, 0, 9]).mergedByGRO == 0)
  }

  @Test func dropsAreNamed() {
    let key = hostBytes(UInt64(0xffff_ffff_8100_0010)) + hostBytes(UInt32(6)) + hostBytes(UInt32(2))
    let other = hostBytes(UInt64(1)) + hostBytes(UInt32(70_000)) + hostBytes(UInt32(0))
    let symbols = KernelSymbols(parsing: Array("ffffffff81000000 T udp_rcv\n".utf8))
    let drops = TraceDrop.all(
      [(key, hostBytes(UInt64(3))), (other, hostBytes(UInt64(9))), ([1, 2], [])],
      DropReasons(names: [6: "SKB_DROP_REASON_SOCKET_RCVBUFF"]), symbols)
    #expect(
      drops == [
        TraceDrop(reason: "70000", function: nil, address: 1, ifindex: nil, count: 9),
        TraceDrop(
          reason: "SOCKET_RCVBUFF", function: "udp_rcv", address: 0xffff_ffff_8100_0010,
          ifindex: 2, count: 3),
      ])
  }
}
