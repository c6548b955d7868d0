import Testing

@testable import Live
@testable import Rendering

@Suite("Trace for people") struct TraceTextTests {
  /// Three packets of one connection, the last of which waited for a busy reader.
  private static let trace: Trace = {
    var collector = TraceCollector(slowest: 1)
    for (index, read) in [UInt64(30_000), 31_000, 1_500_000].enumerated() {
      var packet = PacketRecord()
      packet.interrupt = 1_000
      packet.scheduled = 1_900
      packet.softirq = 3_900
      packet.poll = 3_900
      packet.entry = 10_000
      packet.stack = 12_500
      packet.socket = 14_000
      packet.waking = index < 2 ? 15_000 : 0
      packet.running = index < 2 ? 25_000 : 0
      packet.read = read
      packet.ifindex = 2
      packet.queue = 3
      packet.irq = 27
      packet.entryCPU = 1
      packet.stackCPU = index < 2 ? 1 : 0
      packet.readCPU = 2
      packet.length = 1_500
      packet.localPort = 80
      packet.remotePort = 50_000
      packet.transport = .tcp
      packet.family = 6
      packet.way = .softirq
      packet.process = 77
      collector.add(packet)
    }
    let drops = [
      TraceDrop(
        reason: "SOCKET_RCVBUFF", function: "udp_rcv", address: 1, ifindex: 2, count: 1_234),
      TraceDrop(reason: "NO_SOCKET", function: nil, address: 0xff12, ifindex: 2, count: 1),
      TraceDrop(
        reason: "NOT_SPECIFIED", function: "tcp_v4_rcv", address: 2, ifindex: nil, count: 5),
    ]
    return Trace(
      devices: [Trace.Device(index: 2, name: "eth\u{1b}0")], port: 80, queue: 3,
      duration: 10_000_000_000, summary: collector.summary,
      counts: TraceCounts([1_250, 1_235, 15, 0, 0, 3, 0, 12, 0, 3]), drops: drops,
      cost: TraceCost(
        programs: TraceCost.Programs(window: 1_000_000, nanoseconds: 9_000, runs: 90, packets: 10),
        process: 50_000_000, duration: 10_000_000_000),
      notes: ["a note"])
  }()

  @Test func saysStages() {
    let lines = TraceDocument(Self.trace).lines.prefix(14)
    #expect(
      lines.joined(separator: "\n") == """
        eth\\x1b0, queue 3, port 80, 10.0 s: 1,250 packets received, 3 of them followed to their reader

        STAGE                       PACKETS  SHARE     MEAN      P50      P90      P99      MAX
        interrupt → NAPI scheduled        3   0.2%   900 ns   900 ns   900 ns   900 ns   900 ns
        scheduled → softirq               3   0.4%  2.00 µs  2.00 µs  2.00 µs  2.00 µs  2.00 µs
        softirq → poll                    3     0%     0 ns     0 ns     0 ns     0 ns     0 ns
        poll → GRO                        3   1.2%  6.10 µs  6.10 µs  6.10 µs  6.10 µs  6.10 µs
        GRO → stack                       3   0.5%  2.50 µs  2.50 µs  2.50 µs  2.50 µs  2.50 µs
        stack → socket                    3   0.3%  1.50 µs  1.50 µs  1.50 µs  1.50 µs  1.50 µs
        socket → wake-up                  2   0.1%  1.00 µs  1.00 µs  1.00 µs  1.00 µs  1.00 µs
        wake-up → running                 2   1.3%  10.0 µs  10.0 µs  10.0 µs  10.0 µs  10.0 µs
        running → read                    2   0.7%  5.50 µs  5.00 µs  6.00 µs  6.00 µs  6.00 µs
        socket → read, reader busy        1  95.4%  1.49 ms  1.49 ms  1.49 ms  1.49 ms  1.49 ms
        whole                             3      –   519 µs  30.0 µs  1.50 ms  1.50 ms  1.50 ms
        """)
  }

  @Test func saysGroupsSlowestAndEnds() {
    let lines = TraceDocument(Self.trace).lines
    let named = lines.filter { $0.hasSuffix("  socket → read, reader busy") }
      .compactMap { $0.split(separator: " ").prefix(2).joined(separator: " ") }
    #expect(named == ["eth\\x1b0 rx-3", "0 1", "tcp 80"])
    #expect(
      lines.contains(
        "1. 1.50 ms: tcp (IPv6) port 80 from port 50000, 1,500 bytes, eth\\x1b0 rx-3, read by /77"))
    #expect(lines.contains("   interrupt → NAPI scheduled   900 ns   900 ns  IRQ 27, CPU 1"))
    #expect(lines.contains("   GRO → stack                 2.50 µs  11.5 µs  CPU 1 → 0"))
    #expect(lines.contains { $0.hasPrefix("dropped ") && $0.hasSuffix("1,235  98.8%") })
    #expect(lines.contains("note: a note"))
    #expect(lines.last?.hasPrefix("cost: 900 ns per packet, 100 ns per program run, 0.9%") == true)
  }

  @Test func listsDropsOnlyWhenAsked() {
    let plain = TraceDocument(Self.trace).lines
    #expect(!plain.contains { $0.contains("SOCKET_RCVBUFF") })
    #expect(plain.contains("--drops lists drops by reason"))
    let lines = TraceDocument(Self.trace, listsDrops: true).lines
    #expect(lines.contains("eth\\x1b0  SOCKET_RCVBUFF  udp_rcv    1,234"))
    #expect(lines.contains("eth\\x1b0  NO_SOCKET       0xff12         1"))
    #expect(
      lines.contains("and 5 others on this host, outgoing ones among them: see --json"))
  }

  @Test func anEmptyTraceSaysSo() {
    let trace = Trace(
      devices: [Trace.Device(index: 1, name: "lo")], duration: 1_000_000_000,
      summary: TraceCollector(slowest: 3).summary, counts: TraceCounts(), drops: [],
      cost: TraceCost(programs: nil, process: 1_000_000, duration: 1_000_000_000), notes: [])
    #expect(
      TraceDocument(trace).lines == [
        "lo, 1.00 s: 0 packets received, 0 of them followed to their reader", "",
        "no packet was received", "",
        "cost: rxtune itself 0.1% of one CPU; the kernel's part was not counted (that needs "
          + "CAP_SYS_ADMIN)",
      ])
  }

  @Test(
    arguments: [
      (0, "0 ns"), (999, "999 ns"), (1_000, "1.00 µs"), (12_340, "12.3 µs"), (999_000, "999 µs"),
      (1_000_000, "1.00 ms"), (999_999_999, "1000 ms"), (1_000_000_000, "1.00 s"),
      (UInt64.max, "18446744074 s"),
    ] as [(UInt64, String)]) func timesHaveThreeDigitsAndAUnit(_ time: UInt64, _ text: String)
  {
    #expect(Words.time(time) == text)
  }

  @Test(arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (1_068_690, "1,068,690")])
  func longNumbersAreGrouped(_ number: UInt64, _ text: String) {
    #expect(Words.grouped(number) == text)
  }
}
