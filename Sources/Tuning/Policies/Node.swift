import Knobs

extension Policy {
  /// All CPUs of the NIC's node.
  static let node = Policy(
    "node", "all CPUs of the NIC's NUMA node", width: .deviceNode,
    .queues(.irqAffinity) { placement, _ in placement.locality.localCPUs },
    .queues(.rpsCPUs) { placement, _ in placement.locality.localCPUs })
}
