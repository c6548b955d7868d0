import Knobs
import ReceivePath

extension Rule {
  /// One queue gets far more packets than its share of the RSS table (networking/scaling.rst, "RSS:
  /// Receive Side Scaling"; cilium#18311, where a wrong hash went unnoticed).
  ///
  /// A table with weights is no fault, nor is a queue that flow rules feed. A few large flows look the
  /// same, and no setting spreads them.
  static let queueImbalance = Rule(
    "queue-imbalance", "One queue gets far more packets than its share of the RSS table", .rate,
    document: "networking/scaling.rst", explains: ["time-squeeze", "ksoftirqd"]
  ) { examination in
    examination.busyDevices { device in
      guard device.device.flowRules.value?.isEmpty ?? true else {
        return [.unchecked(device.subject, "flow rules place packets besides the RSS table")]
      }
      switch imbalance(device) {
      case nil: return [.unchecked(device.subject, "packets are not counted by queue")]
      case .some(nil): return []
      case .some(let found?):
        let busiest = found.queue.cpus.flatMap { examination.softirqShares(of: $0).busiest }
        let evidence = [
          Evidence("packets of rx-\(found.queue.queue)", found.rate, "/s", from: "queue counters"),
          Evidence("packets of all queues", found.total, "/s", from: "queue counters"),
          Evidence(
            "share of the RSS table", (found.expected * 100).rounded(), "%",
            from: "ethtool rss-get"),
        ]
        let subject = Subject(.queue(device: device.name, .rx, found.queue.queue))
        // Uneven queues that all keep up are no trouble.
        guard let busiest, busiest.share >= busyCPU else {
          return [
            .note(
              Note(
                at: subject,
                "It gets \(percent(found.rate / found.total)) of the packets; its CPU "
                  + "has time to spare.", evidence: evidence))
          ]
        }
        return [
          .finding(
            Finding(
              .cost, at: subject,
              "The queue gets \(percent(found.rate / found.total)) of the packets, "
                + "and its CPU is busy with them.",
              evidence: evidence + [busiest.evidence],
              consequence: "Its CPU limits the device while other queues idle.",
              fix: .advice(
                "See which flows share it: ss -Htn | awk '{print \"tcp\", $5, \">\", $4}' | "
                  + "rxtune flow \(device.name) -. Many flows: hash more fields or lay the table "
                  + "out again (rxtune rss \(device.name) --default). A few large ones stay."),
              .guessed))
        ]
      }
    }
  }

  /// Of a queue's packets against its share: twice is more than chance makes of many flows.
  private static let imbalanceRatio = 2.0
  /// Half of a CPU in softirqs: below, another queue would not be faster.
  private static let busyCPU = 0.5

  /// The queue that gets twice its share or more; nil inside where there is none, nil where it is not
  /// known.
  static func imbalance(
    _ device: DeviceView
  ) -> (queue: QueueView, rate: Double, total: Double, expected: Double)?? {
    let queues = device.queues.filter { $0.path.takenBy == nil }
    guard queues.count > 1 else { return .some(nil) }
    let rates = queues.compactMap(\.packets.perSecond)
    let total = rates.reduce(0, +)
    guard rates.count == queues.count, total > 0 else { return nil }
    var worst: (queue: QueueView, rate: Double, total: Double, expected: Double)?
    for (queue, rate) in zip(queues, rates) {
      let expected = queue.path.rssShare ?? 1 / Double(queues.count)
      // A queue outside the table gets what is addressed to it: control packets, contexts.
      guard expected > 0, rate / total >= imbalanceRatio * expected,
        rate / total >= imbalanceRatio / Double(queues.count)
      else { continue }
      if rate > worst?.rate ?? 0 { worst = (queue, rate, total, expected) }
    }
    return .some(worst)
  }
}
