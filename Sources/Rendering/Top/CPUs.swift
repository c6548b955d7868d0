import Live

extension TopView {
  /// Each CPU: its time, and what the network softirq does there. Of the whole host.
  static let cpus = TopView(
    name: "CPUs", subject: "CPUs",
    columns: [
      .number("CPU", rank: 10), .number("BUSY", rank: 9, width: 6),
      .number("SOFTIRQ", rank: 9, width: 7), .number("IRQ", rank: 5, width: 6),
      .number("STEAL", rank: 4, width: 6), .number("PACKETS/S", rank: 8),
      .number("NET_RX/S", rank: 3), .number("SQUEEZED/S", rank: 7),
      .number("DROPPED/S", rank: 8), .number("RPS-IPI/S", rank: 2), .number("BACKLOG", rank: 4),
      .number("IRQS/S", rank: 6, width: 7),
    ],
    sortColumn: 2, empty: "/proc/stat and /proc/net/softnet_stat cannot be read",
    rows: { rates in rates.cpus.map(row) })

  /// Less softirq time than this is a tick that came by.
  private static let idleShare = 0.005

  private static func row(_ cpu: CPURates) -> Row {
    let known = [cpu.processed, cpu.interrupts].compactMap(\.self)
    return Row(
      cells: [
        .count(cpu.cpu), .share(cpu.busy, warning: 0.8, alert: 0.95),
        .share(cpu.softirq, warning: 0.5, alert: 0.8), .share(cpu.irq),
        .share(cpu.steal, warning: 0.05), .rate(cpu.processed), .rate(cpu.netRX),
        .loss(cpu.squeezed, .warning), .loss(cpu.dropped), .rate(cpu.rpsWakeUps),
        .count(cpu.backlog), .rate(cpu.interrupts),
      ],
      isIdle: !known.isEmpty && known.allSatisfy { $0 == 0 } && (cpu.softirq ?? 0) < idleShare,
      number: cpu.cpu)
  }
}
