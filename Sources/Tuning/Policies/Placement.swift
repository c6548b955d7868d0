package import Knobs
import ReceivePath

/// Resolves policies for one device of so many queues.
package struct Placement {
  package var locality: Locality
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

  package init(_ locality: Locality, rxQueues: Int, txQueues: Int) {
    self.locality = locality
    self.rxQueues = rxQueues
    self.txQueues = txQueues
    for (queue, vector) in locality.vectors { settle(queue, vector.interrupted) }
  }

  /// The driver makes its queues, vectors and NAPI threads anew, in other numbers.
  package mutating func recount(rxQueues: Int, txQueues: Int) {
    self.rxQueues = rxQueues
    self.txQueues = txQueues
    homes = [:]
    isNew = true
  }

  private mutating func settle(_ queue: Int, _ interrupted: CPUSet?) {
    var home = interrupted?.intersection(locality.online) ?? CPUSet()
    // What interrupts is not known, and what polls is not all.
    if home.isEmpty && locality.isInterrupted { return homes[queue] = nil }
    if let thread = thread(queue) { home = home.union(thread.intersection(locality.online)) }
    homes[queue] = home.isEmpty ? nil : home
  }

  /// Where the NAPI thread of a queue may run; a new one may run anywhere.
  private func thread(_ queue: Int) -> CPUSet? {
    guard isNew else { return locality.vectors[queue]?.thread }
    return locality.vectors.values.contains { $0.thread != nil } ? locality.online : nil
  }

  // MARK: Vectors

  /// CPUs of the receive queues, where they are known.
  package var taken: [Int] { (0..<rxQueues).flatMap { homes[$0]?.cpus ?? [] } }

  /// Affinity of a queue's vector; nil where the policy has no opinion on it.
  package mutating func affinity(_ policy: Policy, queue: Int) -> CPUSet? {
    let affinity: CPUSet? =
      switch policy {
      case .spread: pick(locality.spreadOrder, queue)
      case .pack: pick(locality.packOrder, queue)
      case .hint: hint(queue)
      case .node: locality.localCPUs
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
    guard let hint = locality.vectors[queue]?.hint?.intersection(locality.online), !hint.isEmpty
    else {
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
      switch (knob, policy) {
      case (.rpsCPUs, .complement): Array(0..<rxQueues)
      case (.rpsCPUs, .sameNode), (.xpsCPUs, .sameNode): [queue]
      case (.xpsCPUs, .oneToOne): Array(0..<Swift.min(rxQueues, txQueues))
      default: []
      }
    guard !needed.isEmpty else { return nil }
    if locality.isInterrupted {
      let unknown = needed.filter { homes[$0] == nil }
      if !unknown.isEmpty {
        let which = Place.Direction.rx.names(unknown)
        if isNew { return "the driver will choose which CPUs \(which) will interrupt" }
        return "the interrupt of \(which) is not known"
          + (locality.whyUnknown.map { " (\($0))" } ?? "")
      }
    }
    let roaming = needed.filter(roams)
    if !roaming.isEmpty {
      return "the NAPI threads of \(Place.Direction.rx.names(roaming)) may run on any CPU"
    }
    if policy == .sameNode, let home = homes[queue],
      locality.nodes.count(where: { !$0.intersection(home).isEmpty }) > 1
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
    guard let thread = thread(queue), locality.usable.count > 1 else { return false }
    return locality.usable.isSubset(of: thread)
  }

  /// Whether a queue of the device interrupts nobody knows where.
  package var hasUnknown: Bool {
    locality.isInterrupted && (0..<rxQueues).contains { homes[$0] == nil }
  }

  // MARK: RPS

  package func rps(_ policy: Policy, queue: Int) -> CPUSet? {
    let node =
      homes[queue].map { locality.nodes(of: $0).intersection(locality.usable) }
      ?? locality.localCPUs
    switch policy {
    case .off: return CPUSet()
    case .node: return locality.localCPUs
    case .sameNode: return node
    case .complement:
      let taken = CPUSet(taken + others)
      // A hyperthread of a core that takes interrupts is no free CPU.
      let near = taken.cpus.reduce(taken) { $0.union(locality.siblings(of: $1)) }.intersection(node)
      let free = node.subtracting(near)
      // With a queue on every core RPS only adds an interrupt between processors (scaling.rst); and
      // where several cores take interrupts, no more free CPUs than theirs only take over the work
      // of others. One core's work is what RPS is for.
      let isOneCore = taken.first.map { taken.isSubset(of: locality.siblings(of: $0)) } ?? true
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
      return homes[queue].map { locality.nodes(of: $0).intersection(locality.online) }
        ?? locality.online
    case .oneToOne: return CPUSet(locality.online.cpus.filter { transmitQueue(of: $0) == queue })
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
    if let sibling = queues(locality.siblings(of: cpu)).first { return sibling }
    let node = locality.node(of: cpu) ?? locality.online
    let near = queues(node)
    let choices = near.isEmpty ? Array(0..<txQueues) : near
    // Its rank among the CPUs of the node that have no queue of their own.
    let others = node.intersection(locality.online).cpus.filter { other in
      !homes.contains { $0.contains(other) }
    }
    let rank = others.firstIndex(of: cpu) ?? cpu
    return choices[rank % choices.count]
  }

  // MARK: Channels

  package func channels(_ policy: Policy, maximum: Int64) -> Int64? {
    // Where nobody tells the CPUs, no number of them is as good as another.
    if locality.usable.isEmpty && policy != .max { return nil }
    return switch policy {
    case .spread: Swift.max(1, Swift.min(maximum, Int64(locality.coreCount)))
    case .oneToOne: Swift.max(1, Swift.min(maximum, Int64(locality.usable.count)))
    case .max: maximum
    default: nil
    }
  }
}
