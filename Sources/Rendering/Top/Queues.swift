import Knobs
import Live

extension TopView {
  /// Each receive queue: what it receives, and who serves it.
  static let queues = TopView(
    name: "queues", subject: "queues",
    columns: [
      .text("DEVICE", rank: 6, width: 6), .number("QUEUE", rank: 10),
      .number("PACKETS/S", rank: 9), .number("IRQS/S", rank: 7, width: 7),
      .number("PER-IRQ", rank: 4), .number("DROPS/S", rank: 8, width: 7),
      .number("CPU", rank: 5, width: 4), .number("SOFTIRQ", rank: 5, width: 7),
      .text("RPS", rank: 3), .text("SOURCE", rank: 2), .number("IRQ", rank: 1),
    ],
    sortColumn: 2, empty: "no receive queues",
    rows: { rates in rates.devices.flatMap { $0.queues }.map(row) })

  private static func row(_ queue: QueueRates) -> Row {
    let known = [queue.packets, queue.interrupts, queue.drops].compactMap(\.self)
    return Row(
      cells: [
        .text(queue.device), .count(queue.queue), .rate(queue.packets), .rate(queue.interrupts),
        .rate(queue.batch), .loss(queue.drops), .count(queue.cpu),
        .share(queue.softirq, warning: 0.5, alert: 0.8),
        .text(queue.rpsCPUs.map { $0.isEmpty ? "off" : $0.list }),
        .text(queue.source?.rawValue), .count(queue.irq),
      ],
      isIdle: !known.isEmpty && known.allSatisfy { $0 == 0 }, device: queue.device,
      number: queue.queue)
  }
}
