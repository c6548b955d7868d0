import Knobs
import ReceivePath

extension Rule {
  /// RFS has two tables, the host's and each queue's, and does nothing with one alone
  /// (networking/scaling.rst, "RFS Configuration": both have to be set).
  ///
  /// The host's may serve another device than those that are looked at: then it is a note.
  static let rfsHalf = Rule(
    "rfs-half", "One of the two tables of RFS is missing", .state,
    document: "networking/scaling.rst"
  ) { examination in
    let table = examination.now.rpsSockFlowEntries
    let devices = examination.devices.filter(\.isReceiving)
    let sized = devices.filter { device in
      device.device.paths.contains { ($0.rpsFlowCount.value ?? 0) > 0 }
    }
    guard let entries = table.value else {
      // Only where a queue has a table does the host's matter.
      let unsized = devices.allSatisfy { device in
        device.device.paths.allSatisfy { $0.rpsFlowCount.value == 0 }
      }
      let reason = table.absence?.reason.words ?? "not known"
      return unsized ? [] : [.unchecked(nil, "net.core.rps_sock_flow_entries is \(reason)")]
    }
    if entries == 0 {
      return sized.map { device in
        let counts = device.device.paths.compactMap { $0.rpsFlowCount.value }
        return .finding(
          Finding(
            .risk, at: device.subject,
            "RFS is off: net.core.rps_sock_flow_entries is 0, whatever the queues say.",
            evidence: [
              Evidence(
                "net.core.rps_sock_flow_entries", 0,
                from: "/proc/sys/net/core/rps_sock_flow_entries"),
              Evidence(
                "queue.rps-flow-cnt", counts.max() ?? 0,
                from: "/sys/class/net/\(device.name)/queues"),
            ],
            consequence: "Packets do not follow their programs to their CPUs.",
            fix: .run(["rxtune", "set", "net.core.rps_sock_flow_entries=\(hostTable)"]),
            .configured))
      }
    }
    let known = devices.flatMap { $0.device.paths.map(\.rpsFlowCount) }
    guard sized.isEmpty, !known.isEmpty, known.allSatisfy({ $0.value != nil }) else { return [] }
    return [
      .note(
        Note(
          at: .host,
          "net.core.rps_sock_flow_entries is \(entries), and no queue of these devices has a table "
            + "(queue.rps-flow-cnt): they do without RFS."))
    ]
  }

  /// scaling.rst: fits a moderately loaded server.
  private static let hostTable = 32_768
}
