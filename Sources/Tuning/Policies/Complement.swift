import Knobs

extension Policy {
  /// CPUs without a vector, on the node of the queue's own.
  static let complement = Policy(
    "complement", "CPUs that take no queue's interrupt, on the queue's NUMA node",
    .queues(
      .rpsCPUs,
      unknown: { placement, _ in
        placement.unknown(of: 0..<placement.rxQueues)
          ?? placement.unknownOther.map { "the interrupts of \($0) are not known" }
      },
      free))

  @Sendable private static func free(_ placement: Placement, _ queue: Int) -> CPUSet {
    let locality = placement.locality
    let node = placement.usableNode(of: queue)
    let taken = CPUSet(placement.taken + placement.others)
    // A hyperthread of a core that takes interrupts is no free CPU.
    let near = taken.cpus.reduce(taken) { $0.union(locality.siblings(of: $1)) }.intersection(node)
    let free = node.subtracting(near)
    // With a queue on every core RPS only adds an interrupt between processors (scaling.rst); and
    // where several cores take interrupts, no more free CPUs than theirs only take over the work
    // of others. One core's work is what RPS is for.
    let isOneCore = taken.first.map { taken.isSubset(of: locality.siblings(of: $0)) } ?? true
    return isOneCore || free.count > near.count ? free : CPUSet()
  }
}
