import Knobs
package import ReceivePath

extension Table {
  /// The queue paths of a device, a row each. A column in which no queue has anything is left out.
  package init(paths: [QueuePath]) {
    self.init(
      [
        .right("QUEUE"), .right("IRQ"), .left("JOIN", folds: true), .right("NAPI"),
        .left("THREAD"), .left("AFFINITY", folds: true), .left("EFFECTIVE", folds: true),
        .right("DISTANCE", folds: true), .right("RSS", folds: true), .left("RPS", folds: true),
        .left("TAKEN-BY", folds: true), .right("INTERRUPTS"), .right("PACKETS"), .right("DROPS"),
      ], of: "queues")
    for path in paths {
      add([
        "\(path.queue)",
        path.irq.map { "\($0)" },
        path.irq == nil ? nil : path.join.rawValue,
        path.napiID.map { "\($0)" },
        Words.ofJoined(path.thread) { $0.name },
        Words.ofJoined(path.affinity, Words.cpus)
          .map { path.isManaged == true ? "\($0) managed" : $0 },
        Words.ofJoined(path.effectiveAffinity, Words.cpus),
        path.numaDistance.map { "\($0)" },
        path.rssShare.map(Words.percent),
        Words.of(path.rpsCPUs) { $0.isEmpty ? "off" : $0.list },
        path.takenBy,
        path.interrupts.map { "\($0)" },
        path.statistics?.packets.map { "\($0)" },
        path.statistics?.drops.map { Terminal.losses($0) },
      ])
    }
  }

  /// /proc/net/softnet_stat, a row a CPU.
  package init(softnet: SoftnetStat) {
    self.init([
      .right("CPU"), .right("PROCESSED"), .right("DROPPED"), .right("TIME-SQUEEZE"),
      .right("RECEIVED-RPS"), .right("FLOW-LIMIT"), .right("BACKLOG"),
    ])
    for row in softnet.rows {
      add([
        row.cpu.map { "\($0)" } ?? "?", "\(row.processed)",
        Terminal.losses(row.dropped),
        "\(row.timeSqueeze)", "\(row.receivedRPS)", row.flowLimitCount.map { "\($0)" },
        row.backlogLength.map { "\($0)" },
      ])
    }
  }
}
