package import KernelIO
package import Knobs
import Netlink

/// The CPUs and NUMA nodes of the host (Documentation/admin-guide/cputopology.rst,
/// ABI/stable/sysfs-devices-node).
package struct Topology: Hashable, Sendable {
  package var online: CPUSet
  /// Kept from the scheduler's load balancing by isolcpus=.
  package var isolated: Reading<CPUSet>
  /// Absent on a kernel without NUMA.
  package var nodes: Reading<[NUMANode]>

  /// The node of a CPU; nil where there is no NUMA.
  package func node(ofCPU cpu: Int) -> NUMANode? {
    nodes.value?.first { $0.cpus.contains(cpu) }
  }

  /// How far memory of `node` is from `cpu`: 10 is local, 20 twice as far (ACPI SLIT).
  package func distance(from node: Int, toCPU cpu: Int) -> Int? {
    guard let home = self.node(ofCPU: cpu) else { return nil }
    return nodes.value?.first { $0.number == node }?.distances[home.number]
  }

  /// To the nearest of `cpus`.
  package func distance(from node: Int, to cpus: CPUSet) -> Int? {
    nodes.value?.filter { !$0.cpus.intersection(cpus).isEmpty }
      .compactMap { home in
        nodes.value?.first { $0.number == node }?.distances[home.number]
      }.min()
  }
}

package struct NUMANode: Hashable, Sendable {
  package var number: Int
  /// Online CPUs; empty for a node of memory alone.
  package var cpus: CPUSet
  /// By the number of the other node.
  package var distances: [Int: Int]
}

extension NUMANode {
  /// One node's `distance` file: a number for each online node, in their order.
  static func distances(
    decoding bytes: [UInt8], nodes: [Int], _ context: String
  ) throws(DecodeError) -> [Int: Int] {
    var reader = TextReader(bytes, context)
    guard try reader.nextLine() else { throw reader.error("no distances") }
    var distances: [Int: Int] = [:]
    for node in nodes {
      distances[node] = Int(clamping: try reader.required("the distance to node \(node)"))
    }
    guard reader.atEndOfLine() else { throw reader.error("more distances than online nodes") }
    return distances
  }
}

extension Host {
  package func topology() throws(KernelError) -> Topology {
    let cpu = KernelPath.sys("devices/system/cpu")
    return Topology(
      online: try onlineCPUs(),
      isolated: Reading { () throws(KernelError) in
        try kernel.cpus(cpu.appending("isolated"), as: .list)
      },
      nodes: Reading { () throws(KernelError) in try numaNodes() })
  }

  package func onlineCPUs() throws(KernelError) -> CPUSet {
    try kernel.cpus(.sys("devices/system/cpu/online"), as: .list)
  }

  /// The threads of each core, ascending by their first CPU, with one file read for each core
  /// (/sys/devices/system/cpu/cpuN/topology). Offline CPUs have no such files.
  package func cores(of online: CPUSet) throws(KernelError) -> [CPUSet] {
    var rest = online
    var cores: [CPUSet] = []
    while let cpu = rest.first {
      let path = KernelPath.sys("devices/system/cpu/cpu\(cpu)/topology/thread_siblings_list")
      var core = try kernel.cpus(path, as: .list)
      core.insert(cpu)
      cores.append(core.intersection(online))
      rest = rest.subtracting(core)
    }
    return cores
  }

  package func numaNodes() throws(KernelError) -> [NUMANode] {
    let folder = KernelPath.sys("devices/system/node")
    // A set of nodes is written as one of CPUs is.
    let numbers = try kernel.cpus(folder.appending("online"), as: .list).cpus
    var nodes: [NUMANode] = []
    for number in numbers {
      let node = folder.appending("node\(number)")
      let path = node.appending("distance")
      let bytes = try kernel.read(path)
      nodes.append(
        NUMANode(
          number: number, cpus: try kernel.cpus(node.appending("cpulist"), as: .list),
          distances: try decoding(path.description) { () throws(DecodeError) in
            try NUMANode.distances(decoding: bytes, nodes: numbers, path.description)
          }))
    }
    return nodes
  }
}
