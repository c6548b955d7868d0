import Knobs
import ReceivePath

extension Rule {
  /// Some transmit queues have XPS and others none, and CPUs have no queue of their own by it: what
  /// they send goes to any queue, with locks that others hold (networking/scaling.rst, "XPS").
  ///
  /// Queues beyond those that the CPUs need are left out by drivers, too: each CPU has one then.
  static let xpsGap = Rule(
    "xps-gap", "XPS gives some CPUs no transmit queue", .state, document: "networking/scaling.rst"
  ) { examination in
    guard let online = examination.surroundings.topology?.online, !online.isEmpty else {
      return [.unchecked(nil, "the host's CPUs are not known")]
    }
    return examination.receivingDevices { device in
      let queues = device.device.transmitQueues.map(\.steering)
      guard queues.count > 1 else { return [] }
      // By receive queues: then CPUs do not count.
      guard queues.allSatisfy({ $0.receiveQueues.value?.isEmpty ?? true }) else { return [] }
      if let absence = queues.compactMap({ $0.cpus.absence }).first {
        return absence.reason == .notSupported
          ? [] : [.unchecked(device.subject, "its XPS CPUs are \(absence.reason.words)")]
      }
      let sets = queues.compactMap { $0.cpus.value }
      let covered = sets.reduce(CPUSet()) { $0.union($1) }
      let missing = online.subtracting(covered)
      let without = queues.filter { $0.cpus.value?.isEmpty ?? false }.map(\.queue)
      guard !covered.isEmpty, !missing.isEmpty, !without.isEmpty else { return [] }
      let files = "/sys/class/net/\(device.name)/queues/tx-N/xps_cpus"
      return [
        .finding(
          Finding(
            .cost, at: device.subject,
            "XPS is set on some transmit queues only: "
              + (missing.count == 1
                ? "CPU \(missing.list) has none." : "CPUs \(missing.list) have none."),
            evidence: [
              Evidence(
                "queues without \(Knob.xpsCPUs.id)", Place.Direction.tx.names(without), from: files),
              Evidence("CPUs of the others", covered.list, from: files),
            ],
            consequence: "These CPUs share transmit queues, and their locks, with others.",
            fix: .run(["rxtune", "set", "\(Knob.xpsCPUs.id)=one-to-one", device.name]),
            .configured))
      ]
    }
  }
}
