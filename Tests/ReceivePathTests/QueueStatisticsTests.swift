import Knobs
import Netlink
import Testing

@testable import ReceivePath

@Suite("Queue statistics") struct QueueStatisticsTests {
  private func statistics(
    _ direction: Place.Direction, _ fill: (inout AttributeWriter) -> Void
  ) throws -> QueueStatistics {
    var writer = AttributeWriter(header: [])
    writer.put(2, UInt32(direction == .rx ? 0 : 1))
    writer.put(3, UInt32(5))
    fill(&writer)
    return try QueueStatistics(Attributes(writer.bytes[...], "queue"))
  }

  /// netdev.yaml: a failed allocation "may, or may not result in a packet drop".
  @Test func allocationsThatFailedAreNoDrops() throws {
    let both = try statistics(.rx) {
      $0.put(12, UInt64(7))
      $0.put(13, UInt64(3))
      $0.put(14, UInt64(2))  // rx-hw-drop-overruns: counted among the drops
    }
    #expect(both.drops == 3)
    #expect(both.allocationFailures == 7)
    let failed = try statistics(.rx) { $0.put(12, UInt64(7)) }
    #expect(failed.drops == nil)
    #expect(failed.allocationFailures == 7)
    #expect(try statistics(.tx) { $0.put(24, UInt64(4)) }.drops == 4)
  }

  /// ethtool -S of queue 1, as each driver spells it, others' counters beside it; values 5, 6, 7.
  struct Names: Sendable {
    let names: [String]
    /// Packets, bytes, drops; nil: none is a queue's.
    let expected: [UInt64?]?

    init(_ names: [String], _ expected: [UInt64?]?) {
      self.names = names
      self.expected = expected
    }
  }

  static let spellings: [Names] = [
    Names(["rx_queue_1_packets", "rx_queue_1_bytes", "rx_queue_1_drops"], [5, 6, 7]),
    Names(["rx1_packets", "rx1_bytes", "rx1_xdp_drop"], [5, 6, nil]),
    Names(["rx-1.packets", "rx-1.bytes", "tx-1.packets"], [5, 6, nil]),
    Names(["rx-1.rx_packets", "rx-1.rx_bytes", "tx-1.tx_packets"], [5, 6, nil]),
    Names(["queue_1_rx_cnt", "queue_1_rx_bytes", "queue_1_tx_cnt"], [5, 6, nil]),
    Names(["[1]: rx_ucast_packets", "[1]: rx_mcast_packets", "[1]: rx_discards"], [11, nil, 7]),
    Names(["[1]: rx_bytes", "[1]: rx_bcast_packets", "[1]: rx_csum_offload_errors"], [6, 5, nil]),
    Names(["rxq1: rx_pkts", "rxq1: rx_bytes", "rxq1: rx_mcast_pkts"], [5, 6, nil]),
    Names(["rxq1: frames", "rxq1: bytes", "txq1: frames"], [5, 6, nil]),
    Names(["rvec_1_rx_pkts", "rvec_1_tx_pkts", "rx_pkts"], [5, nil, nil]),
    Names(["1: rcv_pkts", "1: rx_hw_errors", "rx_ucast_pkts"], [5, nil, nil]),
    Names(["Rx ring  1 frames", "Rx ring  1 XDP drops", "Tx ring  1 frames"], [5, nil, nil]),
    Names(["rx_1_packets", "rx_1_bytes", "tx_1_packets"], [5, 6, nil]),
    Names(["veb.tc_1_rx_packets", "port.rx_priority_1_xon_rx", "rx_priority_1_xon.nic"], nil),
    Names(["rx1_lro_packets", "rx_64_byte_packets", "  ucast pkts rx"], nil),
  ]

  @Test(arguments: spellings)
  func driversNamesOfCounters(_ spelling: Names) {
    let (names, expected) = (spelling.names, spelling.expected)
    let statistics = DriverStatistics(
      counters: zip(names, [5, 6, 7]).map { DriverStatistics.Counter(name: $0, value: $1) }
    ).queueStatistics().filter { $0.direction == .rx }
    #expect(statistics.map(\.id) == (expected == nil ? [] : [1]))
    if let expected, let one = statistics.first {
      #expect([one.packets, one.bytes, one.drops] == expected)
    }
  }

  /// vmxnet3's names repeat; only the one before them tells the queue.
  @Test func aHeadingTellsTheQueueOfWhatFollows() {
    let names: [(String, UInt64)] = [
      ("Tx Queue#", 0), ("  ucast pkts tx", 50), ("Tx Queue#", 1), ("  ucast pkts tx", 60),
      ("  ucast pkts rx", 9), ("Rx Queue#", 0), ("  LRO pkts rx", 3), ("  ucast pkts rx", 7),
      ("  mcast pkts rx", 2), ("Rx Queue#", 1), ("  ucast pkts rx", 4), ("  bcast bytes rx", 8),
    ]
    let found = DriverStatistics(
      counters: names.map { DriverStatistics.Counter(name: $0.0, value: $0.1) }
    ).queueStatistics()
    #expect(found.map(\.id) == [0, 1] && found.allSatisfy { $0.direction == .rx })
    #expect(found.map(\.packets) == [9, 4] && found.map(\.bytes) == [nil, 8])
  }
}
