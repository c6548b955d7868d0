import CKernel
import KernelIO
import Knobs

/// `reuseport-numa`: SO_ATTACH_REUSEPORT_EBPF picks a random socket among those whose worker runs
/// on the NUMA node that took the packet. Extended BPF: needs CAP_BPF or root.
enum ReuseportNUMA {
  /// The CPUs of a group's workers with those of one node side by side, as the steering program
  /// wants the sockets, and else as they were named: CPU numbers may take turns between nodes.
  static func sideBySide(_ cpus: some Sequence<Int>, _ node: (Int) -> Int) -> [Int] {
    cpus.enumerated().map { (node: node($0.element), place: $0.offset, cpu: $0.element) }
      .sorted { ($0.node, $0.place) < ($1.node, $1.place) }.map(\.cpu)
  }

  /// Attaches to the group of `descriptor`; socket i belongs to the worker on `cpus[i]`.
  /// 0, or the errno.
  static func steer(_ descriptor: Int32, _ cpus: [Int32]) -> Int32 {
    let nodes = NUMANodes(LiveKernel())
    return unsafe rxtune_attach_numa_steering(
      descriptor, cpus.map { Int32(clamping: nodes.node(of: Int($0))) },
      UInt32(clamping: cpus.count))
  }
}

/// Which CPUs lie on which NUMA node (/sys/devices/system/node/nodeN/cpulist); a kernel without
/// NUMA has no such directory, and one node.
struct NUMANodes {
  private var cpus: [(node: Int, cpus: CPUSet)] = []

  init(_ kernel: some Kernel) {
    let directory = KernelPath.sys("devices/system/node")
    for name in (try? kernel.list(directory)) ?? [] {
      guard name.hasPrefix("node"), let node = Int(name.dropFirst(4)),
        let text = try? kernel.text(directory.appending(name).appending("cpulist")),
        let set = CPUSet(list: text)
      else { continue }
      cpus.append((node, set))
    }
  }

  func node(of cpu: Int) -> Int { cpus.first { $0.cpus.contains(cpu) }?.node ?? 0 }

  var count: Int { max(1, cpus.count) }
}
