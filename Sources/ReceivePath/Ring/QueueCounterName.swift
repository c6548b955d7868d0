import Knobs

/// How drivers name the counters of a queue in ethtool -S; no kernel document does.
struct QueueCounterFormat: Sendable {
  enum Counter: Hashable, Sendable {
    case packets, bytes, drops
    /// Its value is the queue that the counters after it are of, whose names tell none.
    case heading
  }

  let direction: Place.Direction
  let counter: Counter
  let pattern: NamePattern
  /// One of several kinds of packets: the queue's counter is their sum.
  let isPart: Bool
  /// A file of a driver that says so, below drivers/net or its folder ethernet.
  let source: String

  private init(
    _ direction: Place.Direction, _ counter: Counter, _ format: String, isPart: Bool = false,
    source: String
  ) {
    self.direction = direction
    self.counter = counter
    pattern = NamePattern(format)
    self.isPart = isPart
    self.source = source
  }

  /// The first that a name fits counts. Where a driver tells one counter in two ways, its own.
  static let all: [Self] = [
    Self(.rx, .packets, "rx_queue_%n_packets", source: "intel/igb/igb_ethtool.c, intel/ice"),
    Self(.rx, .bytes, "rx_queue_%n_bytes", source: "intel/igb/igb_ethtool.c, intel/ice"),
    Self(.rx, .drops, "rx_queue_%n_drops", source: "intel/igb/igb_ethtool.c, veth.c"),
    Self(.rx, .packets, "rx%n_packets", source: "mellanox/mlx5/core/en_stats.c, virtio_net.c"),
    Self(.rx, .bytes, "rx%n_bytes", source: "mellanox/mlx5/core/en_stats.c, virtio_net.c"),
    Self(.rx, .drops, "rx%n_drops", source: "virtio_net.c"),
    Self(.rx, .drops, "rx%n_dropped", source: "mellanox/mlx4/en_ethtool.c"),
    Self(.rx, .packets, "rx-%n.packets", source: "intel/i40e/i40e_ethtool.c, intel/iavf"),
    Self(.rx, .bytes, "rx-%n.bytes", source: "intel/i40e/i40e_ethtool.c, intel/iavf"),
    Self(.rx, .packets, "rx-%n.rx_packets", source: "sfc/ethtool_common.c; older i40e"),
    Self(.rx, .bytes, "rx-%n.rx_bytes", source: "intel/i40e/i40e_ethtool.c (older)"),
    Self(.rx, .packets, "queue_%n_rx_cnt", source: "amazon/ena/ena_ethtool.c"),
    Self(.rx, .bytes, "queue_%n_rx_bytes", source: "amazon/ena/ena_ethtool.c"),
    Self(
      .rx, .packets, "[%n]: rx_ucast_packets", isPart: true,
      source: "broadcom/bnxt/bnxt_ethtool.c, bnx2x/bnx2x_ethtool.c"),
    Self(
      .rx, .packets, "[%n]: rx_mcast_packets", isPart: true,
      source: "broadcom/bnxt/bnxt_ethtool.c, bnx2x/bnx2x_ethtool.c"),
    Self(
      .rx, .packets, "[%n]: rx_bcast_packets", isPart: true,
      source: "broadcom/bnxt/bnxt_ethtool.c, bnx2x/bnx2x_ethtool.c"),
    Self(
      .rx, .bytes, "[%n]: rx_ucast_bytes", isPart: true, source: "broadcom/bnxt/bnxt_ethtool.c"),
    Self(
      .rx, .bytes, "[%n]: rx_mcast_bytes", isPart: true, source: "broadcom/bnxt/bnxt_ethtool.c"),
    Self(
      .rx, .bytes, "[%n]: rx_bcast_bytes", isPart: true, source: "broadcom/bnxt/bnxt_ethtool.c"),
    Self(.rx, .bytes, "[%n]: rx_bytes", source: "broadcom/bnx2x/bnx2x_ethtool.c"),
    Self(.rx, .drops, "[%n]: rx_discards", source: "broadcom/bnxt/bnxt_ethtool.c"),
    Self(.rx, .drops, "rxq%n: rx_drops_no_frags", source: "emulex/benet/be_ethtool.c"),
    Self(.rx, .packets, "rxq%n: rx_pkts", source: "emulex/benet/be_ethtool.c"),
    Self(.rx, .bytes, "rxq%n: rx_bytes", source: "emulex/benet/be_ethtool.c"),
    Self(
      .rx, .packets, "rxq%n: frames",
      source: "cavium/thunder/nicvf_ethtool.c, marvell/octeontx2/nic/otx2_ethtool.c"),
    Self(
      .rx, .bytes, "rxq%n: bytes",
      source: "cavium/thunder/nicvf_ethtool.c, marvell/octeontx2/nic/otx2_ethtool.c"),
    Self(.rx, .packets, "rvec_%n_rx_pkts", source: "netronome/nfp/nfp_net_ethtool.c"),
    Self(.rx, .packets, "%n: rcv_pkts", source: "qlogic/qede/qede_ethtool.c"),
    Self(.rx, .packets, "Rx ring %n frames", source: "freescale/enetc/enetc_ethtool.c"),
    Self(.rx, .packets, "Rx ring  %n frames", source: "freescale/enetc/enetc_ethtool.c"),
    Self(.rx, .packets, "rx_%n_packets", source: "microsoft/mana/mana_ethtool.c"),
    Self(.rx, .bytes, "rx_%n_bytes", source: "microsoft/mana/mana_ethtool.c"),

    Self(.rx, .heading, "Rx Queue#", source: "vmxnet3/vmxnet3_ethtool.c"),
    Self(.tx, .heading, "Tx Queue#", source: "vmxnet3/vmxnet3_ethtool.c"),
    Self(.rx, .drops, "  pkts rx OOB", source: "vmxnet3/vmxnet3_ethtool.c"),
    Self(.rx, .packets, "  ucast pkts rx", isPart: true, source: "vmxnet3/vmxnet3_ethtool.c"),
    Self(.rx, .packets, "  mcast pkts rx", isPart: true, source: "vmxnet3/vmxnet3_ethtool.c"),
    Self(.rx, .packets, "  bcast pkts rx", isPart: true, source: "vmxnet3/vmxnet3_ethtool.c"),
    Self(.rx, .bytes, "  ucast bytes rx", isPart: true, source: "vmxnet3/vmxnet3_ethtool.c"),
    Self(.rx, .bytes, "  mcast bytes rx", isPart: true, source: "vmxnet3/vmxnet3_ethtool.c"),
    Self(.rx, .bytes, "  bcast bytes rx", isPart: true, source: "vmxnet3/vmxnet3_ethtool.c"),
  ]
}

/// Which of a driver's counters belong to which queue: names are matched once, values read often.
package struct QueueCounterLayout: Hashable, Sendable {
  private struct Entry: Hashable, Sendable {
    /// Among the driver's counters.
    var index: Int
    /// In `queues`.
    var queue: Int
    var counter: QueueCounterFormat.Counter
    var isPart: Bool

    func sum(_ before: UInt64?, _ value: UInt64) -> UInt64 {
      isPart ? (before ?? 0) &+ value : before ?? value
    }
  }

  private var entries: [Entry] = []
  /// Without values, ascending.
  private var queues: [QueueStatistics] = []

  package var isEmpty: Bool { entries.isEmpty }

  package init(_ statistics: DriverStatistics) {
    var heading: (direction: Place.Direction, queue: UInt32)?
    for (index, counter) in statistics.counters.enumerated() {
      let text = Array(counter.name.utf8)
      let match = QueueCounterFormat.all.lazy
        .compactMap { format in format.pattern.match(text).map { (format, $0) } }.first
      guard let (format, name) = match else { continue }
      if format.counter == .heading {
        heading = UInt32(exactly: counter.value).map { (format.direction, $0) }
        continue
      }
      let told = name.number.map { UInt32(exactly: $0) }
      let headed = heading?.direction == format.direction ? heading?.queue : nil
      guard let queue = told ?? headed else { continue }
      // Drivers list a queue's counters together, or queue after queue of one counter.
      let found =
        queues.lastIndex { $0.direction == format.direction && $0.id == queue } ?? queues.count
      if found == queues.count {
        queues.append(QueueStatistics(direction: format.direction, id: queue))
      }
      entries.append(
        Entry(index: index, queue: found, counter: format.counter, isPart: format.isPart))
    }
    sort()
  }

  private mutating func sort() {
    let order = queues.indices.sorted {
      (queues[$0].direction.rawValue, queues[$0].id)
        < (queues[$1].direction.rawValue, queues[$1].id)
    }
    var places = [Int](repeating: 0, count: order.count)
    for (new, old) in order.enumerated() { places[old] = new }
    queues = order.map { queues[$0] }
    for index in entries.indices { entries[index].queue = places[entries[index].queue] }
  }

  /// - Parameter values: of all the driver's counters, in the order of their names.
  package func statistics(_ values: [UInt64]) -> [QueueStatistics] {
    var found = queues
    for entry in entries where entry.index < values.count {
      let (queue, value) = (entry.queue, values[entry.index])
      switch entry.counter {
      case .packets: found[queue].packets = entry.sum(found[queue].packets, value)
      case .bytes: found[queue].bytes = entry.sum(found[queue].bytes, value)
      case .drops: found[queue].drops = entry.sum(found[queue].drops, value)
      case .heading: break
      }
    }
    return found
  }
}

extension DriverStatistics {
  /// The counters of receive queues, where the driver's names tell them.
  package func queueStatistics() -> [QueueStatistics] {
    QueueCounterLayout(self).statistics(counters.map(\.value))
  }
}
