import Knobs
import ReceivePath

extension Rule {
  /// RPS at a device that interrupts each CPU by a queue of its own: "probably redundant and
  /// unnecessary" (networking/scaling.rst, "RPS Configuration").
  ///
  /// It has its reasons where the RSS table leaves queues out, where RFS brings packets to their
  /// programs, and where CPUs are isolated.
  static let rpsRedundant = Rule(
    "rps-redundant", "RPS is on although every CPU has a receive queue of its own", .state,
    document: "networking/scaling.rst", explains: ["rps-irq-cpu", "rps-remote"]
  ) { examination in
    guard let topology = examination.surroundings.topology else {
      return [.unchecked(nil, "the host's CPUs are not known")]
    }
    let usable = topology.online.subtracting(topology.isolated.value ?? CPUSet())
    return examination.physicalDevices { device in
      device.steeredQueues { steered in
        let queues = device.queues.filter { $0.path.takenBy == nil }
        guard steered.allSatisfy({ !$0.queue.hasRFS && $0.cpus.isSubset(of: usable) }),
          queues.allSatisfy({ $0.path.rssShare.map { $0 > 0 } ?? true })
        else { return [] }
        // An interrupt that may go anywhere is no CPU's own.
        let interrupted = queues.compactMap(\.path.cpus).filter { $0.count == 1 }
          .reduce(CPUSet()) { $0.union($1) }
        guard queues.count > 1, usable.isSubset(of: interrupted) else {
          return queues.contains { $0.path.cpus == nil }
            ? [.unchecked(device.subject, "the CPUs of its queues are not known")] : []
        }
        return [
          .finding(
            Finding(
              .cost, at: device.subject,
              "RPS moves packets between CPUs that all have a receive queue of their own.",
              evidence: [
                device.evidence(steered),
                Evidence(
                  "interrupted CPUs", interrupted.list,
                  from: "/proc/irq/N/effective_affinity_list"),
              ],
              consequence:
                "Each moved packet costs another softirq, and an interrupt of the other CPU.",
              fix: .run(["rxtune", "set", "\(Knob.rpsCPUs.id)=none", device.name]), .configured))
        ]
      }
    }
  }
}
