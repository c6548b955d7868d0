package import Knobs

/// What placement policies stand on: the CPUs of the host, and the queues of one device.
package struct Locality: Hashable, Sendable {
  package var online: CPUSet
  /// Kept from ordinary work (isolcpus=, nohz_full=): no policy places anything there.
  package var isolated = CPUSet()
  /// Threads of each core, ascending.
  package var cores: [CPUSet]
  /// CPUs of each NUMA node, nearest to the device first; one node where there is no NUMA.
  package var nodes: [CPUSet]
  /// False where the device belongs to no node, or does not tell: its nodes are in no order.
  package var hasNode = true
  /// False where the device is virtual: that its queues have no interrupts is known then.
  package var isInterrupted = true
  /// Receive queues with an interrupt that is known, or with a NAPI thread.
  package var vectors: [Int: Vector] = [:]
  /// Why the interrupts of the other queues are not known.
  package var whyUnknown: String?

  package struct Vector: Hashable, Sendable {
    package var affinity: CPUSet?
    package var effectiveAffinity: CPUSet?
    package var hint: CPUSet?
    /// CPUs that the queue's NAPI thread may run on; nil where none polls it.
    package var thread: CPUSet?

    package init(
      affinity: CPUSet? = nil, effectiveAffinity: CPUSet? = nil, hint: CPUSet? = nil,
      thread: CPUSet? = nil
    ) {
      self.affinity = affinity
      self.effectiveAffinity = effectiveAffinity
      self.hint = hint
      self.thread = thread
    }

    /// CPUs that are interrupted: of those asked for, the ones that the controller chose, where it
    /// tells (it follows a change at the next interrupt only).
    var interrupted: CPUSet? {
      guard let affinity else { return effectiveAffinity }
      let chosen = effectiveAffinity?.intersection(affinity) ?? CPUSet()
      return chosen.isEmpty ? affinity : chosen
    }
  }

  package init(online: CPUSet, cores: [CPUSet], nodes: [CPUSet]) {
    self.online = online
    self.cores = cores
    self.nodes = nodes
  }

  /// CPUs that work may be placed on; where all are isolated, all.
  package var usable: CPUSet {
    let usable = online.subtracting(isolated)
    return usable.isEmpty ? online : usable
  }

  /// Usable threads of each core that has any, the device's node first.
  private var usableCores: [[Int]] {
    // A CPU whose core nobody told is one by itself.
    let told = cores.reduce(CPUSet()) { $0.union($1) }
    let cores = cores + usable.subtracting(told).cpus.map { CPUSet([$0]) }
    let known = nodes.flatMap { node in cores.filter { !$0.intersection(node).isEmpty } }
    let rest = cores.filter { core in !known.contains(core) }
    return (known + rest).map { $0.intersection(usable).cpus }.filter { !$0.isEmpty }
  }

  package var coreCount: Int { usableCores.count }

  /// One thread of each core, the device's node first; then the second threads, and so on:
  /// a hyperthread adds little to the handling of interrupts (scaling.rst).
  package var spreadOrder: [Int] {
    let cores = usableCores
    let threads = cores.map(\.count).max() ?? 0
    return (0..<threads).flatMap { thread in
      cores.compactMap { thread < $0.count ? $0[thread] : nil }
    }
  }

  /// Core by core with all their threads: as few cores as will do.
  package var packOrder: [Int] { usableCores.flatMap { $0 } }

  package func node(of cpu: Int) -> CPUSet? { nodes.first { $0.contains(cpu) } }

  /// The CPUs of all nodes that some of `cpus` are on.
  package func nodes(of cpus: CPUSet) -> CPUSet {
    nodes.filter { !$0.intersection(cpus).isEmpty }.reduce(cpus) { $0.union($1) }
  }

  package func siblings(of cpu: Int) -> CPUSet {
    cores.first { $0.contains(cpu) } ?? CPUSet([cpu])
  }

  /// The usable CPUs of the device's node, or all where that has none.
  package var localCPUs: CPUSet {
    guard hasNode, let home = nodes.first else { return usable }
    let local = home.intersection(usable)
    return local.isEmpty ? usable : local
  }
}
