import Knobs
import ReceivePath

extension Rule {
  /// One CPU takes the interrupts of several queues (networking/scaling.rst, "RSS IRQ Configuration";
  /// irqbalance#122, #125).
  ///
  /// By the interrupts of the interval on each CPU, not by affinities, which an interrupt follows only
  /// when it fires next. One queue that has most of the interrupts is a busy flow and no placement.
  static let irqOneCPU = Rule(
    "irq-one-cpu", "One CPU takes the interrupts of several receive queues", .rate,
    document: "networking/scaling.rst", explains: ["time-squeeze", "channels-few", "ksoftirqd"]
  ) { examination in
    examination.busyDevices { device in
      let queues = device.queues.filter { $0.path.irq != nil }
      guard queues.count > 1 else { return [] }
      let rates = queues.compactMap(\.interruptsPerCPU)
      guard rates.count == queues.count else {
        return [.unchecked(device.subject, "the interrupts of each queue are not known")]
      }
      guard examination.processorTimes.map({ $0.count > 1 }) ?? true else { return [] }
      let total = rates.reduce(0) { $0 + $1.values.reduce(0, +) }
      let byCPU = rates.reduce(into: [Int: Double]()) { $0.merge($1) { $0 + $1 } }
      guard let (cpu, taken) = byCPU.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
        total > 0, taken / total >= oneCPUShare
      else { return [] }
      let busiest = rates.map { $0.values.reduce(0, +) }.max() ?? 0
      guard busiest / total < oneCPUShare else { return [] }
      let isManaged = queues.allSatisfy { $0.path.isManaged == true }
      return [
        .finding(
          Finding(
            .cost, at: device.subject,
            "CPU \(cpu) takes \(percent(taken / total)) of the interrupts of \(queues.count) queues.",
            evidence: [
              Evidence("interrupts on CPU \(cpu)", taken, "/s", from: "/proc/interrupts"),
              Evidence("interrupts on all CPUs", total, "/s", from: "/proc/interrupts"),
            ],
            consequence: "That CPU limits the device while the others wait.",
            fix: isManaged
              ? .advice("The kernel places these interrupts itself and lets nobody move them.")
              : placement(device, "spread", examination), .measured))
      ]
    }
  }

  /// Three quarters: with two CPUs, even shares are a half.
  private static let oneCPUShare = 0.75

  /// `rxtune irq`, and what to do about irqbalance where it runs.
  static func placement(
    _ device: DeviceView, _ policy: String, _ examination: Examination
  ) -> Diagnosis.Fix {
    guard let pid = examination.surroundings.irqbalance else {
      return .run(["rxtune", "irq", device.name, policy])
    }
    return .run(
      ["rxtune", "irq", device.name, policy, "--irqbalance", "ban"],
      remark: "irqbalance (pid \(pid)) runs; the command prints the lines that keep it off.")
  }

  /// "75%"
  static func percent(_ share: Double) -> String {
    "\(Examination.whole(share * 100))%"
  }
}
