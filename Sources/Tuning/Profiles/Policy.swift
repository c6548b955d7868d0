package import Knobs
import ReceivePath

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
    case .spread: "one per physical core, starting on the NIC's NUMA node"
    case .pack: "on as few cores as will do, starting on the NIC's NUMA node"
    case .hint: "where the driver suggests (affinity_hint)"
    case .node: "all CPUs of the NIC's NUMA node"
    case .complement: "CPUs that take no queue's interrupt, on the queue's NUMA node"
    case .sameNode: "all CPUs of the NUMA node that takes the queue's interrupt"
    case .oneToOne: "one queue per CPU"
    case .max: "the maximum that the device reports"
    case .equal: "the same share for each queue"
    case .off: "0, none or off"
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
  package private(set) var rxQueues: Int
  package private(set) var txQueues: Int
  /// CPUs that each receive queue is handled on, as it is going to be: where its vector interrupts,
  /// and where its NAPI thread runs. Queues of which that is not known are left out.
  private var homes: [Int: CPUSet] = [:]
  /// CPUs of other devices' queues, each as often as it has one.
  package var others: [Int] = []
  /// Another device of which that is not known.
  package var unknownOther: String?
  /// The vectors that there were are laid out anew with the channels.
  private var isNew = false

  package init(_ ground: Ground, rxQueues: Int, txQueues: Int) {
    self.ground = ground
    self.rxQueues = rxQueues
    self.txQueues = txQueues
    for (queue, vector) in ground.vectors { settle(queue, vector.interrupted) }
  }

  /// The driver makes its queues, vectors and NAPI threads anew, in other numbers.
  package mutating func recount(rxQueues: Int, txQueues: Int) {
    self.rxQueues = rxQueues
    self.txQueues = txQueues
    homes = [:]
    isNew = true
  }

  private mutating func settle(_ queue: Int, _ interrupted: CPUSet?) {
    var home = interrupted?.intersection(ground.online) ?? CPUSet()
    // What interrupts is not known, and what polls is not all.
    if home.isEmpty && ground.isInterrupted { return homes[queue] = nil }
    if let thread = thread(queue) { home = home.union(thread.intersection(ground.online)) }
    homes[queue] = home.isEmpty ? nil : home
  }

  /// Where the NAPI thread of a queue may run; a new one may run anywhere.
  private func thread(_ queue: Int) -> CPUSet? {
    guard isNew else { return ground.vectors[queue]?.thread }
    return ground.vectors.values.contains { $0.thread != nil } ? ground.online : nil
  }

  // MARK: Vectors

  /// CPUs of the receive queues, where they are known.
  package var taken: [Int] { (0..<rxQueues).flatMap { homes[$0]?.cpus ?? [] } }

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
    if let affinity { place(affinity, queue: queue) }
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

  /// A value that a profile names outright, or that stays.
  package mutating func place(_ cpus: CPUSet, queue: Int) { settle(queue, cpus) }

  // MARK: What is not known

  /// What a policy would have to know of the queues' CPUs, and does not: it has no opinion then.
  package func unknown(_ policy: Policy, of knob: Knob, queue: Int) -> String? {
    let needed: [Int] =
      switch (knob.id, policy) {
      case ("queue.rps-cpus", .complement): Array(0..<rxQueues)
      case ("queue.rps-cpus", .sameNode), ("queue.xps-cpus", .sameNode): [queue]
      case ("queue.xps-cpus", .oneToOne): Array(0..<Swift.min(rxQueues, txQueues))
      default: []
      }
    guard !needed.isEmpty else { return nil }
    if ground.isInterrupted {
      let unknown = needed.filter { homes[$0] == nil }
      if !unknown.isEmpty {
        let which = Queues.named(unknown, .rx)
        if isNew { return "the driver chooses anew which CPUs \(which) will interrupt" }
        return "the interrupt of \(which) is not known"
          + (ground.whyUnknown.map { " (\($0))" } ?? "")
      }
    }
    let roaming = needed.filter(roams)
    if !roaming.isEmpty {
      return "the NAPI threads of \(Queues.named(roaming, .rx)) may run on any CPU"
    }
    if policy == .sameNode, let home = homes[queue],
      ground.nodes.count(where: { !$0.intersection(home).isEmpty }) > 1
    {
      return "rx-\(queue) may be handled on several nodes (CPUs \(home.list))"
    }
    if policy == .complement, let unknownOther {
      return "the interrupts of \(unknownOther) are not known"
    }
    return nil
  }

  /// Whether nothing holds the queue's NAPI thread anywhere.
  private func roams(_ queue: Int) -> Bool {
    guard let thread = thread(queue), ground.usable.count > 1 else { return false }
    return ground.usable.isSubset(of: thread)
  }

  /// Whether a queue of the device interrupts nobody knows where.
  package var hasUnknown: Bool {
    ground.isInterrupted && (0..<rxQueues).contains { homes[$0] == nil }
  }

  // MARK: RPS

  package func rps(_ policy: Policy, queue: Int) -> CPUSet? {
    let node =
      homes[queue].map { ground.nodes(of: $0).intersection(ground.usable) } ?? ground.localCPUs
    switch policy {
    case .off: return CPUSet()
    case .node: return ground.localCPUs
    case .sameNode: return node
    case .complement:
      let taken = CPUSet(taken + others)
      // A hyperthread of a core that takes interrupts is no free CPU.
      let near = taken.cpus.reduce(taken) { $0.union(ground.siblings(of: $1)) }.intersection(node)
      let free = node.subtracting(near)
      // With a queue on every core RPS only adds an interrupt between processors (scaling.rst); and
      // where several cores take interrupts, no more free CPUs than theirs only take over the work
      // of others. One core's work is what RPS is for.
      let isOneCore = taken.first.map { taken.isSubset(of: ground.siblings(of: $0)) } ?? true
      return isOneCore || free.count > near.count ? free : CPUSet()
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
      return homes[queue].map { ground.nodes(of: $0).intersection(ground.online) } ?? ground.online
    case .oneToOne: return CPUSet(ground.online.cpus.filter { transmitQueue(of: $0) == queue })
    default: return nil
    }
  }

  /// The queue whose vector the CPU has; else a hyperthread of it; else one on its node; else any.
  /// CPUs that share are dealt out in turn.
  private func transmitQueue(of cpu: Int) -> Int {
    let homes = (0..<txQueues).map { self.homes[$0] ?? CPUSet() }
    func queues(_ cpus: CPUSet) -> [Int] {
      homes.indices.filter { !homes[$0].intersection(cpus).isEmpty }
    }
    let own = homes.indices.filter { homes[$0].contains(cpu) }
    // Vectors that may hit several CPUs alike are shared out among these.
    if let first = own.first {
      return own[(homes[first].cpus.firstIndex(of: cpu) ?? 0) % own.count]
    }
    if let sibling = queues(ground.siblings(of: cpu)).first { return sibling }
    let node = ground.node(of: cpu) ?? ground.online
    let near = queues(node)
    let choices = near.isEmpty ? Array(0..<txQueues) : near
    // Its rank among the CPUs of the node that have no queue of their own.
    let others = node.intersection(ground.online).cpus.filter { other in
      !homes.contains { $0.contains(other) }
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
