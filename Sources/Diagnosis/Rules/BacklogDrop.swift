import Knobs
import ReceivePath

extension Rule {
  /// A CPU's backlog is full, and packets that RPS or a device without NAPI put there are dropped
  /// (networking/scaling.rst, "RPS Flow Limit"; admin-guide/sysctl/net.rst, netdev_max_backlog).
  ///
  /// The flow limit drops there as well, and on purpose: it counts by itself.
  static let backlogDrop = Rule(
    "backlog-drop", "CPUs drop packets because their backlogs are full", .rate,
    document: "networking/scaling.rst", reads: [.netdevMaxBacklog],
    explains: ["time-squeeze", "ksoftirqd"]
  ) { examination in
    softnet(examination, \.dropped) { dropping in
      guard let worst = dropping.max(by: { $0.rate < $1.rate }) else { return [] }
      let cpus = CPUSet(dropping.map(\.cpu))
      let isOne = cpus.count == 1
      let now = examination.now.softnet.value?[worst.cpu]
      let before = examination.earlier?.softnet.value?[worst.cpu]
      let limited =
        examination.trend(
          of: "flow_limit_count", from: before?.flowLimitCount, to: now?.flowLimitCount
        ).perSecond ?? 0
      var evidence = dropping.prefix(4).map {
        Evidence("dropped on CPU \($0.cpu)", $0.rate, "/s", from: "/proc/net/softnet_stat")
      }
      if limited > 0 {
        evidence.append(
          Evidence(
            "flow_limit_count on CPU \(worst.cpu)", limited, "/s", from: "/proc/net/softnet_stat"))
      }
      evidence += [examination.settings.evidence(.netdevMaxBacklog)].compactMap { $0 }
      let fix: Diagnosis.Fix
      if limited >= worst.rate / 2 {
        fix = .advice(
          "The flow limit drops packets of the largest flows to save the others "
            + "(net.core.flow_limit_cpu_bitmap): let those programs receive on other CPUs.")
      } else if let size = examination.settings.number(.netdevMaxBacklog) {
        fix = .run(
          [
            "rxtune", "set",
            "\(Knob.netdevMaxBacklog.id)=\(max(min(size, 1 << 29) * 2, defaultBacklog))",
          ],
          remark: "If \(isOne ? "this CPU is" : "these CPUs are") saturated, steer packets to more "
            + "CPUs instead.")
      } else {
        fix = .advice("Raise net.core.netdev_max_backlog in the first network namespace.")
      }
      return [
        .finding(
          Finding(
            .loss, at: .cpus(cpus),
            isOne
              ? "The backlog of CPU \(worst.cpu) is full, and packets are dropped."
              : "The backlogs of CPUs \(cpus.list) are full, and packets are dropped.",
            evidence: Array(evidence),
            consequence: "The packets are lost between the device and the protocols.", fix: fix,
            .measured))
      ]
    }
  }
}
