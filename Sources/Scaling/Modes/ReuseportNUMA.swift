import CKernel
import KernelIO
import Knobs
import ReceivePath

extension ListenerMode {
  /// SO_ATTACH_REUSEPORT_EBPF picks a random socket among those whose worker runs on the NUMA node
  /// that took the packet.
  static let reuseportNUMA = ListenerMode(
    "reuseport-numa", "SO_REUSEPORT with extended BPF: a socket of the packet's NUMA node",
    sockets: .perWorker(
      Steering(
        attach: { descriptor, cpus in
          let node = NodeOfCPU(LiveKernel())
          return unsafe rxtune_attach_numa_steering(
            descriptor, cpus.map { Int32(clamping: node(Int($0))) }, UInt32(clamping: cpus.count))
        },
        order: { cpus in
          let node = NodeOfCPU(LiveKernel())
          return ReuseportNUMA.sideBySide(cpus) { node($0) }
        },
        privilege: "extended BPF needs root")),
    crr: acceptingAlone, rr: acceptingAlone, udpRR: .datagrams,
    receive: .arrivals)
}

enum ReuseportNUMA {
  /// The CPUs of a group's workers with those of one node side by side, as the steering program
  /// wants the sockets, and else as they were named: CPU numbers may take turns between nodes.
  static func sideBySide(_ cpus: some Sequence<Int>, _ node: (Int) -> Int) -> [Int] {
    cpus.enumerated().map { (node: node($0.element), place: $0.offset, cpu: $0.element) }
      .sorted { ($0.node, $0.place) < ($1.node, $1.place) }.map(\.cpu)
  }
}

/// A kernel without NUMA has one node, 0.
private struct NodeOfCPU {
  private let nodes: [NUMANode]

  init(_ kernel: some Kernel) { nodes = (try? Host(kernel).numaNodes()) ?? [] }

  func callAsFunction(_ cpu: Int) -> Int {
    nodes.first { $0.cpus.contains(cpu) }?.number ?? 0
  }
}
