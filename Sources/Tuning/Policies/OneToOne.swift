import Knobs

extension Policy {
  /// Each CPU sends on the queue whose vector it has, or the nearest; a channel a CPU.
  static let oneToOne = Policy(
    "one-to-one", "one queue per CPU",
    .xps(unknown: { placement, _ in
      placement.unknown(of: 0..<Swift.min(placement.rxQueues, placement.txQueues))
    }) { placement, queue in
      CPUSet(placement.locality.online.cpus.filter { transmitQueue(of: $0, placement) == queue })
    },
    .queues(.xpsRxQueues) { placement, queue in
      queue < placement.rxQueues ? CPUSet([queue]) : nil
    },
    .channels { $0.usable.count })

  /// The queue whose vector the CPU has; else a hyperthread of it; else one on its node; else any.
  /// CPUs that share are dealt out in turn.
  private static func transmitQueue(of cpu: Int, _ placement: Placement) -> Int {
    let locality = placement.locality
    let homes = (0..<placement.txQueues).map { placement.homes[$0] ?? CPUSet() }
    func queues(_ cpus: CPUSet) -> [Int] {
      homes.indices.filter { !homes[$0].intersection(cpus).isEmpty }
    }
    let own = homes.indices.filter { homes[$0].contains(cpu) }
    // Vectors that may hit several CPUs alike are shared out among these.
    if let first = own.first {
      return own[(homes[first].cpus.firstIndex(of: cpu) ?? 0) % own.count]
    }
    if let sibling = queues(locality.siblings(of: cpu)).first { return sibling }
    let node = locality.node(of: cpu) ?? locality.online
    let near = queues(node)
    let choices = near.isEmpty ? Array(0..<placement.txQueues) : near
    // Its rank among the CPUs of the node that have no queue of their own.
    let others = node.intersection(locality.online).cpus.filter { other in
      !homes.contains { $0.contains(other) }
    }
    let rank = others.firstIndex(of: cpu) ?? cpu
    return choices[rank % choices.count]
  }
}
