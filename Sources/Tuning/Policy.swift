package import Knobs

/// A way to choose values by the machine, rather than to name them.
package enum Policy: String, CaseIterable, Sendable, Hashable {
  /// A vector per physical core, the NIC's NUMA node first; as many channels as that serves. Of
  /// several devices each goes on where the one before it ended.
  case spread
  /// Vectors on as few cores as will do, the NIC's node first; several devices in turn, too.
  case pack
  /// Where the driver would have it (affinity_hint).
  case hint
  /// All CPUs of the NIC's node.
  case node
  /// CPUs without a vector, on the node of the queue's own.
  case complement
  /// The CPUs of the node that the queue's vector is on.
  case sameNode = "same-node"
  /// Each CPU sends on the queue whose vector it has, or the nearest; a channel a CPU.
  case oneToOne = "one-to-one"
  /// As much as the device reports.
  case max
  /// The same share for each queue.
  case equal
  case off

  package var summary: String {
    switch self {
    case .spread: "one vector per physical core, the NIC's NUMA node first"
    case .pack: "vectors on as few cores as will do, the NIC's NUMA node first"
    case .hint: "where the driver would have it"
    case .node: "all CPUs of the NIC's NUMA node"
    case .complement: "CPUs without a vector, on the node of the queue's own"
    case .sameNode: "the CPUs of the node that the queue's vector is on"
    case .oneToOne: "one queue per CPU"
    case .max: "as much as the device reports"
    case .equal: "the same share for each queue"
    case .off: "off"
    }
  }

  /// Policies that make sense for a knob.
  package static func suitable(for knob: Knob) -> [Policy] {
    switch knob.id {
    case "irq.smp-affinity": [.spread, .pack, .hint, .node]
    case "queue.rps-cpus": [.complement, .sameNode, .node, .off]
    case "queue.xps-cpus": [.oneToOne, .sameNode, .off]
    case "queue.xps-rxqs": [.oneToOne, .off]
    case "queue.rps-flow-cnt": [.equal, .off]
    case "rss.indirection": [.equal]
    case "channels.combined", "channels.rx", "channels.tx": [.spread, .oneToOne, .max]
    default:
      switch (knob.form, knob.range) {
      case (.number, .reported): [.max, .off]
      case (.number, _), (.flag, _), (.set, _): [.off]
      default: []
      }
    }
  }
}

/// Resolves policies for one device of so many queues.
package struct Placement {
  package var ground: Ground
  package var rxQueues: Int
  package var txQueues: Int
  /// Of each receive queue's vector, as it is going to be.
  package private(set) var vectorCPU: [Int: Int] = [:]
  /// CPUs that vectors of other devices have, each as often as it has one.
  package var others: [Int] = []

  package init(_ ground: Ground, rxQueues: Int, txQueues: Int) {
    self.ground = ground
    self.rxQueues = rxQueues
    self.txQueues = txQueues
    for (queue, vector) in ground.vectors {
      if let affinity = vector.affinity?.intersection(ground.online), affinity.count == 1 {
        vectorCPU[queue] = affinity.first
      }
    }
  }

  // MARK: Vectors

  /// CPUs of the receive queues' vectors, where each is known.
  package var vectors: [Int] { (0..<rxQueues).compactMap { vectorCPU[$0] } }

  /// Affinity of a queue's vector; nil where the policy has no opinion on it.
  package mutating func affinity(_ policy: Policy, queue: Int) -> CPUSet? {
    let affinity: CPUSet? =
      switch policy {
      case .spread: pick(ground.spreadOrder, queue)
      case .pack: pick(ground.packOrder, queue)
      case .hint: hint(queue)
      case .node: ground.localCPUs
      default: nil
      }
    if let affinity { vectorCPU[queue] = affinity.count == 1 ? affinity.first : nil }
    return affinity
  }

  /// Of the CPUs in turn; those that have the fewest vectors of other devices first, so that a
  /// second device goes on where the first ended.
  private func pick(_ order: [Int], _ queue: Int) -> CPUSet? {
    guard !order.isEmpty else { return nil }
    guard !others.isEmpty else { return CPUSet([order[queue % order.count]]) }
    let load = others.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    let byLoad = order.enumerated().sorted {
      (load[$0.element, default: 0], $0.offset) < (load[$1.element, default: 0], $1.offset)
    }
    return CPUSet([byLoad[queue % order.count].element])
  }

  private func hint(_ queue: Int) -> CPUSet? {
    guard let hint = ground.vectors[queue]?.hint?.intersection(ground.online), !hint.isEmpty else {
      return nil
    }
    return hint
  }

  /// A value that a profile names outright.
  package mutating func place(_ cpus: CPUSet, queue: Int) {
    vectorCPU[queue] = cpus.count == 1 ? cpus.first : nil
  }

  // MARK: RPS

  package func rps(_ policy: Policy, queue: Int) -> CPUSet? {
    let home = vectorCPU[queue]
    let node =
      home.flatMap { ground.node(of: $0)?.intersection(ground.usable) }
      ?? ground.localCPUs
    switch policy {
    case .off: return CPUSet()
    case .node: return ground.localCPUs
    case .sameNode: return node
    case .complement:
      let taken = CPUSet(vectors + others)
      // A hyperthread of a core that takes interrupts is no free CPU; and with a queue on every
      // core RPS only adds an interrupt between processors (scaling.rst).
      let near = taken.cpus.reduce(taken) { $0.union(ground.siblings(of: $1)) }
      let local = node.subtracting(near)
      return local.isEmpty ? ground.usable.subtracting(near) : local
    default: return nil
    }
  }

  // MARK: XPS

  /// CPUs that send on a queue; nil where there is but one queue, and nothing to choose.
  package func xps(_ policy: Policy, queue: Int) -> CPUSet? {
    guard txQueues > 1 else { return nil }
    switch policy {
    case .off: return CPUSet()
    case .sameNode:
      return vectorCPU[queue].flatMap { ground.node(of: $0)?.intersection(ground.online) }
        ?? ground.online
    case .oneToOne: return CPUSet(ground.online.cpus.filter { transmitQueue(of: $0) == queue })
    default: return nil
    }
  }

  /// The queue whose vector the CPU has; else a hyperthread of it; else one on its node; else any.
  /// CPUs that share are dealt out in turn.
  private func transmitQueue(of cpu: Int) -> Int {
    let homes = (0..<txQueues).map { vectorCPU[$0] }
    func queues(_ matches: (Int) -> Bool) -> [Int] {
      homes.indices.filter { homes[$0].map(matches) ?? false }
    }
    let own = queues { $0 == cpu }
    if let first = own.first { return first }
    let siblings = ground.siblings(of: cpu)
    if let sibling = queues({ siblings.contains($0) }).first { return sibling }
    let node = ground.node(of: cpu) ?? ground.online
    let near = queues { node.contains($0) }
    let choices = near.isEmpty ? Array(0..<txQueues) : near
    // Its rank among the CPUs of the node that have no queue of their own.
    let others = node.intersection(ground.online).cpus.filter { other in
      !homes.contains(other)
    }
    let rank = others.firstIndex(of: cpu) ?? cpu
    return choices[rank % choices.count]
  }

  // MARK: Channels

  package func channels(_ policy: Policy, maximum: Int64) -> Int64? {
    // Where nobody tells the CPUs, no number of them is as good as another.
    if ground.usable.isEmpty && policy != .max { return nil }
    return switch policy {
    case .spread: Swift.max(1, Swift.min(maximum, Int64(ground.coreCount)))
    case .oneToOne: Swift.max(1, Swift.min(maximum, Int64(ground.usable.count)))
    case .max: maximum
    default: nil
    }
  }
}
