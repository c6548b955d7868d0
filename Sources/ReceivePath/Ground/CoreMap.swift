package import KernelIO
package import Knobs

/// Which CPUs are threads of one core, and which cores are one package
/// (/sys/devices/system/cpu/cpuN/topology). Offline CPUs have no such files.
///
/// Costs a file a core, so it is apart from `Topology`: only placement needs it.
package struct CoreMap: Hashable, Sendable {
  /// The threads of each core, by their first CPU, ascending.
  package var cores: [CPUSet]
  /// The CPUs of each package (socket), by their first CPU.
  package var packages: [CPUSet]
  private var coreOfCPU: [Int: Int] = [:]

  package init(cores: [CPUSet], packages: [CPUSet]) {
    self.cores = cores.sorted { ($0.first ?? 0) < ($1.first ?? 0) }
    self.packages = packages.sorted { ($0.first ?? 0) < ($1.first ?? 0) }
    for (index, core) in self.cores.enumerated() {
      for cpu in core.cpus { coreOfCPU[cpu] = index }
    }
  }

  /// Index in `cores`; nil for a CPU that is not online.
  package func core(ofCPU cpu: Int) -> Int? { coreOfCPU[cpu] }

  /// The threads of the CPU's core, itself among them.
  package func siblings(ofCPU cpu: Int) -> CPUSet? { coreOfCPU[cpu].map { cores[$0] } }

  /// True for the first thread of its core: one CPU a core, for work that fills a core.
  package func isFirstThread(_ cpu: Int) -> Bool { siblings(ofCPU: cpu)?.first == cpu }
}

extension Host {
  package func coreMap(online: CPUSet) throws(KernelError) -> CoreMap {
    CoreMap(
      cores: try groups(online, "thread_siblings_list"),
      packages: try groups(online, "core_siblings_list"))
  }

  /// The CPUs in groups, with one file read for each group.
  private func groups(_ cpus: CPUSet, _ file: String) throws(KernelError) -> [CPUSet] {
    var rest = cpus
    var groups: [CPUSet] = []
    while let cpu = rest.first {
      let path = KernelPath.sys("devices/system/cpu/cpu\(cpu)/topology/\(file)")
      var group = try kernel.cpus(path, as: .list)
      group.insert(cpu)
      groups.append(group.intersection(cpus))
      rest = rest.subtracting(group)
    }
    return groups
  }
}
