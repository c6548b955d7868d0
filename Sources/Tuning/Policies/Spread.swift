import Knobs

extension Policy {
  /// A vector per physical core, the NIC's NUMA node first; as many channels as that serves. Of
  /// several devices each goes on where the one before it ended.
  static let spread = Policy(
    "spread", "one per physical core, starting on the NIC's NUMA node",
    .queues(.irqAffinity) { $0.inTurn($0.locality.spreadOrder, $1) },
    .channels { $0.coreCount })
}
