import Knobs

extension Policy {
  /// Vectors on as few cores as will do, the NIC's node first; several devices in turn, too.
  static let pack = Policy(
    "pack", "on as few cores as will do, starting on the NIC's NUMA node",
    .queues(.irqAffinity) { $0.inTurn($0.locality.packOrder, $1) })
}
