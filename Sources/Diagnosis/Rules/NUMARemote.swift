import Knobs
import ReceivePath

extension Rule {
  /// Interrupts of a NIC go to CPUs of another NUMA node than its own (networking/scaling.rst, "RSS IRQ
  /// Configuration"; irqbalance#175, #169).
  ///
  /// A device that belongs to no node (-1) is local everywhere, and queues beyond the node's CPUs have
  /// to go elsewhere. Where the program runs on the other node, that may be meant.
  static let numaRemote = Rule(
    "numa-remote", "Interrupts go to CPUs of another NUMA node than the device's", .state,
    document: "networking/scaling.rst"
  ) { examination in
    examination.physicalDevices { device in
      switch device.device.numaNode {
      case .absent(let absence):
        return [.unchecked(device.subject, "its NUMA node is \(absence.reason.words)")]
      case .value(nil): return []
      case .value(let node?):
        let paths = device.device.paths
        if paths.allSatisfy({ $0.numaDistance == nil }) {
          return [
            .unchecked(device.subject, "the CPUs of its interrupts, or their nodes, are not known")
          ]
        }
        let remote = paths.filter { ($0.numaDistance ?? 0) > localDistance }
        guard !remote.isEmpty, let topology = examination.surroundings.topology,
          let home = topology.nodes.value?.first(where: { $0.number == node }), !home.cpus.isEmpty,
          paths.count <= home.cpus.count || remote.count == paths.count
        else { return [] }
        let cpus = remote.compactMap(\.cpus).reduce(CPUSet()) { $0.union($1) }
        let isManaged = remote.allSatisfy { $0.isManaged == true }
        return [
          .finding(
            Finding(
              .cost, at: device.subject,
              "\(remote.count) of \(paths.count) queues interrupt CPUs of another NUMA node.",
              evidence: [
                Evidence("numa-node", node, from: "/sys/class/net/\(device.name)/device/numa_node"),
                Evidence("CPUs of these queues", cpus.list, from: "effective_affinity_list"),
                Evidence("CPUs of node \(node)", home.cpus.list, from: "/sys/devices/system/node"),
              ],
              consequence: "Each packet crosses the interconnect before a CPU sees it.",
              fix: isManaged
                ? .advice("The kernel places these interrupts itself and lets nobody move them.")
                : placement(device, "node", examination), .configured))
        ]
      }
    }
  }

  /// ACPI SLIT: a node's distance to itself.
  private static let localDistance = 10
}
