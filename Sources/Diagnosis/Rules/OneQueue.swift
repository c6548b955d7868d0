import Knobs
import ReceivePath

extension Rule {
  /// All packets of a NIC come by one queue, and the CPU that serves it is full
  /// (networking/scaling.rst, "RPS Configuration": for single queue devices).
  ///
  /// While that CPU has time to spare RPS costs an interrupt between processors a packet, and gains
  /// nothing.
  static let oneQueue = Rule(
    "one-queue", "All packets come by one queue, whose CPU is saturated", .rate,
    document: "networking/scaling.rst",
    explains: ["time-squeeze", "queue-imbalance", "channels-few", "ksoftirqd"]
  ) { examination in
    examination.busyDevices { device in
      let queues = device.queues
      guard let queue = sole(queues) else { return [] }
      guard queue.path.rpsCPUs.value?.isEmpty == true, queue.path.takenBy == nil else { return [] }
      guard let cpus = queue.cpus else {
        return [.unchecked(device.subject, "the CPU of its queue is not known")]
      }
      guard let busiest = examination.softirqShares(of: cpus).busiest else {
        return [.unchecked(device.subject, "the time its CPU spends in softirqs is not known")]
      }
      guard busiest.share >= softirqLimit,
        (examination.processorTimes?.count ?? 0) > 1
      else { return [] }
      let (kind, channels, maximum) = device.receiveChannels ?? (kind: "", count: 1, maximum: 1)
      let fix: Diagnosis.Fix
      if queues.count > 1 {
        fix = .advice(
          "See which flows share the queue: ss -Htn | awk '{print \"tcp\", $5, \">\", $4}' | "
            + "rxtune flow \(device.name) -. One flow stays on one queue whatever is set.")
      } else if maximum > channels {
        fix = .run(["rxtune", "channels", device.name, "\(kind)=max"])
      } else {
        fix = .run(["rxtune", "apply", "single-queue", device.name])
      }
      var evidence = [
        Evidence("packets", device.packetsPerSecond ?? 0, "/s", from: "rtnetlink"),
        busiest.evidence,
      ]
      if queue.pollingCPU != nil {
        evidence.append(Evidence("interrupts", 0.0, "/s", from: "/proc/interrupts"))
      }
      evidence.append(
        Evidence(
          "channels", "\(channels) of \(max(maximum, channels))", from: "ethtool channels-get"))
      return [
        .finding(
          Finding(
            .cost, at: Subject(.queue(device: device.name, .rx, queue.queue)),
            "All packets come by one queue, and CPU \(busiest.cpu) has no time left for more.",
            evidence: evidence,
            consequence: "One CPU is the limit of the device.", fix: fix, .measured))
      ]
    }
  }

  /// Of a CPU's time in interrupts and softirqs: what makes time squeezes and queues behind one CPU a
  /// fault (RHEL network performance guide; Google's and AWS's guides warn at the same order).
  static let softirqLimit = 0.8

  /// Of the packets in one queue, to call it all of them.
  private static let nearlyAll = 0.95

  private static func sole(_ queues: [QueueView]) -> QueueView? {
    if queues.count == 1 { return queues.first }
    let rates = queues.compactMap { queue in queue.packets.perSecond.map { (queue, $0) } }
    guard rates.count == queues.count, let top = rates.max(by: { $0.1 < $1.1 }) else { return nil }
    let total = rates.reduce(0) { $0 + $1.1 }
    return total > 0 && top.1 / total >= nearlyAll ? top.0 : nil
  }
}
