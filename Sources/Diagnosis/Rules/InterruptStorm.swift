import Knobs
import ReceivePath

extension Rule {
  /// An interrupt for almost every packet at a high rate: moderation is off (ENA best practices;
  /// networking/scaling.rst; ethtool(8), -C).
  ///
  /// The latency profile wants just that, and pays for it knowingly.
  static let interruptStorm = Rule(
    "interrupt-storm", "Queues interrupt for almost every packet at a high rate", .rate,
    document: "ethtool(8), -C"
  ) { examination in
    examination.busyDevices { device in
      let storms = device.queues.compactMap {
        queue -> (queue: QueueView, irq: Double, packets: Double)? in
        guard let interrupts = queue.interruptsPerSecond, interrupts > stormRate else {
          return nil
        }
        let alone = device.queues.count == 1 ? device.packetsPerSecond : nil
        guard let packets = queue.packets.perSecond ?? alone else { return nil }
        return packets / interrupts < packetsPerInterrupt ? (queue, interrupts, packets) : nil
      }
      guard let worst = storms.max(by: { $0.irq < $1.irq }) else {
        return device.queues.contains { $0.interruptsPerSecond != nil }
          ? [] : [.unchecked(device.subject, "the interrupts of its queues are not known")]
      }
      let coalescing = device.device.coalescing.value?.parameters
      guard coalescing?["adaptive-rx"]?.value != .flag(true) else { return [] }
      let evidence =
        [
          Evidence(
            "interrupts of rx-\(worst.queue.queue)", worst.irq, "/s", from: "/proc/interrupts"),
          Evidence(
            "packets of rx-\(worst.queue.queue)", worst.packets, "/s", from: "queue counters"),
        ]
        + ["adaptive-rx", "rx-usecs"].compactMap { name in
          coalescing?[name].map {
            Evidence("coalesce.\(name)", $0.value.description, from: "ethtool coalesce-get")
          }
        }
      let text =
        "It interrupts for almost every packet, \(Examination.whole(worst.irq)) times a second."
      if examination.surroundings.changes.contains(where: { $0.hasPrefix("apply latency") }) {
        return [
          .note(
            Note(at: device.subject, text + " The latency profile wants it.", evidence: evidence))
        ]
      }
      let fix: Diagnosis.Fix
      if coalescing?["adaptive-rx"] != nil {
        fix = .run(["rxtune", "set", "coalesce.adaptive-rx=on", device.name])
      } else if coalescing?["rx-usecs"] != nil {
        fix = .run(["rxtune", "set", "coalesce.rx-usecs=\(moderateDelay)", device.name])
      } else {
        fix = .advice(
          "The driver cannot delay interrupts: defer them (rxtune explain napi.defer-hard-irqs).")
      }
      return [
        .finding(
          Finding(
            .cost, at: device.subject, text, evidence: evidence,
            consequence: "The CPU enters and leaves the interrupt for each packet.", fix: fix,
            .measured))
      ]
    }
  }

  /// Interrupts a second of one queue that cost a tenth of a CPU, at some 5 µs each.
  private static let stormRate = 20_000.0
  /// Fewer is nearly one for one.
  private static let packetsPerInterrupt = 2.0
  /// Microseconds; the order of drivers' defaults.
  private static let moderateDelay = 20
}
