package import Knobs

/// What placement policies stand on: the CPUs of the host, and the queues of one device.
package struct Ground: Hashable, Sendable {
  package var online: CPUSet
  /// Kept from ordinary work (isolcpus=): no policy places anything there.
  package var isolated = CPUSet()
  /// Threads of each core, ascending.
  package var cores: [CPUSet]
  /// CPUs of each NUMA node, nearest to the device first; one node where there is no NUMA.
  package var nodes: [CPUSet]
  /// Receive queues with an interrupt that is known.
  package var vectors: [Int: Vector] = [:]

  package struct Vector: Hashable, Sendable {
    package var affinity: CPUSet?
    package var hint: CPUSet?

    package init(affinity: CPUSet? = nil, hint: CPUSet? = nil) {
      self.affinity = affinity
      self.hint = hint
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

  package func siblings(of cpu: Int) -> CPUSet {
    cores.first { $0.contains(cpu) } ?? CPUSet([cpu])
  }

  /// The usable CPUs of the device's node, or all where that has none.
  package var localCPUs: CPUSet {
    let local = (nodes.first ?? online).intersection(usable)
    return local.isEmpty ? usable : local
  }
}
