import Knobs
import ReceivePath

extension Metric {
  private struct Queue: Sendable {
    var device: String
    var path: QueuePath
  }

  private static let queue: [Label<Queue>] = [
    Label("device") { $0.device }, Label("queue") { "\($0.path.queue)" },
  ]

  @Sendable private static func queues(_ reading: MetricsReading) -> [Queue] {
    reading.devices.flatMap { device in
      device.paths.map { Queue(device: device.link.name, path: $0) }
    }
  }

  /// Receive queues, which node_exporter does not know: it has a device's sums, interrupts by IRQ
  /// and CPU, and with ethtool a metric for each name of each driver.
  static let queues: [Metric] = [
    Metric(
      "rxtune_queue_info", .gauge,
      "Where a receive queue leads: its IRQ, the CPUs that take it, its NAPI instance.",
      queue + [
        Label("irq") { $0.path.irq.map { "\($0)" } },
        Label("cpu") { $0.path.cpus?.list },
        Label("napi") { $0.path.napiID.map { "\($0)" } },
        Label("join") { $0.path.join.rawValue },
      ], of: queues
    ) { _ in .count(1) },
    Metric(
      "rxtune_queue_receive_packets_total", .counter, "Packets that a receive queue received.",
      queue, of: queues
    ) { $0.path.statistics?.packets.asCount },
    Metric(
      "rxtune_queue_receive_drops_total", .counter,
      "Packets that a receive queue had no room for.", queue, of: queues
    ) { $0.path.statistics?.drops.asCount },
    Metric(
      "rxtune_queue_interrupts_total", .counter,
      "Interrupts of a receive queue's IRQ, over all CPUs; wraps at 2^32.", queue, of: queues
    ) { queue in
      // The kernel counts 32 bits a CPU. Where one of several wraps, their plain sum would fall to
      // something large, and a rate over that is billions; this one falls to something small.
      queue.path.interrupts.map { .count($0 & UInt64(UInt32.max)) }
    },
    Metric(
      "rxtune_queue_rss_share_ratio", .gauge,
      "Share of the RSS table that leads to a receive queue, 0 to 1.", queue, of: queues
    ) { $0.path.rssShare.map { .number($0) } },
  ]
}
