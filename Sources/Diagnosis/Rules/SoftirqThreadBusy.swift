import Knobs
import ReceivePath

extension Rule {
  /// ksoftirqd takes half of a CPU: softirqs come faster than they are done, and wait their turn with
  /// programs (kernel/softirq.c; networking/napi.rst, "Threaded NAPI").
  ///
  /// It runs other softirqs, too: the CPU has to receive packets.
  static let softirqThreadBusy = Rule(
    "ksoftirqd", "A CPU is busy with packets in ksoftirqd", .rate, document: "networking/napi.rst"
  ) { examination in
    guard let interval = examination.interval else {
      return [.unchecked(nil, examination.withoutRates ?? "it takes two snapshots")]
    }
    guard let now = examination.now.readings?.softirqThreads.value,
      let before = examination.earlier?.readings?.softirqThreads.value
    else { return [.unchecked(nil, "the CPU time of ksoftirqd is not known")] }
    guard let processed = examination.softnetRates(of: \.processed) else {
      return [.unchecked(nil, "/proc/net/softnet_stat is not known")]
    }
    let busy = now.compactMap { thread -> (cpu: Int, share: Double, packets: Double)? in
      guard let earlier = before.first(where: { $0.cpu == thread.cpu }),
        thread.ticks >= earlier.ticks
      else { return nil }
      let share = Double(thread.ticks - earlier.ticks) / ticksPerSecond / interval
      guard share >= threadLimit,
        let packets = processed.first(where: { $0.cpu == thread.cpu })?.rate,
        packets >= Examination.fewestPackets
      else { return nil }
      return (thread.cpu, share, packets)
    }
    guard let worst = busy.max(by: { $0.share < $1.share }) else { return [] }
    let cpus = CPUSet(busy.map(\.cpu))
    return [
      .finding(
        Finding(
          .cost, at: .cpus(cpus),
          cpus.count == 1
            ? "ksoftirqd/\(worst.cpu) is busy with packets."
            : "ksoftirqd is busy with packets on CPUs \(cpus.list).",
          evidence: [
            Evidence(
              "CPU time of ksoftirqd/\(worst.cpu)", (worst.share * 100).rounded(), "%",
              from: "/proc/PID/stat"),
            Evidence(
              "processed on cpu\(worst.cpu)", worst.packets, "/s", from: "/proc/net/softnet_stat"),
          ],
          consequence: "Packets wait for the scheduler, and programs there for packets.",
          fix: relief(examination, cpu: worst.cpu), .measured))
    ]
  }

  /// Half of a CPU's time.
  private static let threadLimit = 0.5
  /// USER_HZ.
  private static let ticksPerSecond = 100.0

  /// A device with several queues on the CPU can give it fewer.
  private static func relief(_ examination: Examination, cpu: Int) -> Diagnosis.Fix {
    let crowded = examination.devices.first { device in
      device.queues.filter { $0.cpus?.contains(cpu) ?? false }.count > 1
    }
    if let crowded {
      return .run(["rxtune", "irq", crowded.name, "spread"])
    }
    return .advice(
      "Keep programs off such CPUs, or spread their packets: more queues (rxtune channels), or RPS "
        + "(rxtune apply single-queue).")
  }
}
