import Knobs
import ReceivePath

extension Rule {
  /// One CPU takes the interrupts of several queues (networking/scaling.rst, "RSS IRQ Configuration";
  /// irqbalance#122, #125).
  ///
  /// By the interrupts of the interval on each CPU, not by affinities, which an interrupt follows only
  /// when it fires next. One queue that has most of the interrupts is a busy flow and no placement.
  /// Where there is no interval, or nothing to judge by in it, by those since boot, as long as they
  /// would all go there still.
  static let irqOneCPU = Rule(
    "irq-one-cpu", "One CPU takes the interrupts of several receive queues", .both,
    document: "networking/scaling.rst", explains: ["time-squeeze", "channels-few", "ksoftirqd"]
  ) { examination in
    guard examination.canSpread else { return [] }
    return examination.busyDevices(otherwise: { settled($0).map { [.finding($0)] } ?? [] }) {
      device in
      let queues = device.interruptedQueues
      guard queues.count > 1 else { return [] }
      let rates = queues.compactMap(\.interruptsPerCPU)
      guard rates.count == queues.count else {
        return [.unchecked(device.subject, "the interrupts of each queue are not known")]
      }
      guard let crowd = InterruptCrowd(rates) else { return [] }
      return [
        .finding(
          Finding(
            .cost, at: device.subject,
            "CPU \(crowd.cpu) takes \(percent(crowd.share)) of the interrupts of \(queues.count) "
              + "queues.",
            evidence: [
              Evidence(
                "interrupts on CPU \(crowd.cpu)", crowd.taken, "/s", from: "/proc/interrupts"),
              Evidence("interrupts on all CPUs", crowd.total, "/s", from: "/proc/interrupts"),
            ],
            consequence: "That CPU limits the device while the others wait.",
            fix: spreading(device, queues), .measured))
      ]
    }
  }

  /// What interrupts since boot and affinities say; nil where they are no fault, or not known.
  private static func settled(_ device: DeviceView) -> Finding? {
    let queues = device.interruptedQueues
    let counts = queues.compactMap(\.path.interruptCounts).map { counts in
      counts.nonzero.reduce(into: [Int: Double]()) { $0[Int($1.cpu)] = Double($1.value) }
    }
    guard queues.count > 1, counts.count == queues.count, let crowd = InterruptCrowd(counts),
      queues.allSatisfy({ $0.path.cpus == CPUSet([crowd.cpu]) })
    else { return nil }
    // Before 4.13 only what was asked for is told.
    let isEffective = queues.allSatisfy { $0.path.effectiveAffinity?.value != nil }
    return Finding(
      .risk, at: device.subject,
      "All \(queues.count) queues interrupt CPU \(crowd.cpu).",
      evidence: [
        Evidence(
          "affinity of each", "\(crowd.cpu)",
          from: "/proc/irq/N/\(isEffective ? "effective" : "smp")_affinity_list"),
        Evidence(
          "interrupts on CPU \(crowd.cpu) since boot", crowd.taken, from: "/proc/interrupts"),
        Evidence("interrupts on all CPUs since boot", crowd.total, from: "/proc/interrupts"),
      ],
      consequence: "That CPU will limit the device under load.", fix: spreading(device, queues),
      .configured)
  }

  private static func spreading(_ device: DeviceView, _ queues: [QueueView]) -> Diagnosis.Fix {
    queues.allSatisfy { $0.path.isManaged == true }
      ? .advice("The kernel places these interrupts itself and lets nobody move them.")
      : placement(device, "spread", device.examination)
  }

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

/// A CPU that gets most of the interrupts of several queues.
private struct InterruptCrowd {
  var cpu: Int
  var taken: Double
  var total: Double

  var share: Double { taken / total }

  /// Three quarters: with two CPUs, even shares are a half.
  private static let least = 0.75

  /// nil where no CPU gets as many, or one queue alone has them.
  ///
  /// - Parameter queues: interrupts by CPU, of each queue.
  init?(_ queues: [[Int: Double]]) {
    let byCPU = queues.reduce(into: [Int: Double]()) { $0.merge($1) { $0 + $1 } }
    total = byCPU.values.reduce(0, +)
    guard let most = byCPU.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }), total > 0,
      most.value / total >= Self.least
    else { return nil }
    (cpu, taken) = most
    let busiest = queues.map { $0.values.reduce(0, +) }.max() ?? 0
    guard busiest / total < Self.least else { return nil }
  }
}

extension DeviceView {
  fileprivate var interruptedQueues: [QueueView] { queues.filter { $0.path.irq != nil } }
}

extension Examination {
  /// More than one CPU may take interrupts, as far as is known.
  fileprivate var canSpread: Bool {
    guard let topology = surroundings.topology else {
      return processorTimes.map { $0.count > 1 } ?? true
    }
    return topology.online.subtracting(topology.isolated.value ?? CPUSet()).count > 1
  }
}
