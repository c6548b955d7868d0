import KernelIO
import Knobs
import ReceivePath

extension HostSettings {
  /// What placement stands on. What cannot be read is as if it were not there.
  package func locality(of device: String?) -> Locality {
    let topology = try? host.topology()
    // A record of a machine without NUMA may hold no more than this.
    let online = topology?.online ?? (try? host.onlineCPUs()) ?? CPUSet()
    let cores = (try? host.cores(of: online)) ?? []
    let vectors = device.flatMap { names.queueVectors(of: $0) }
    var locality = Locality(
      online: online, cores: cores,
      nodes: Self.nodes(topology, home: vectors?.numaNode) ?? [online])
    // Kernels without the option have the file, and "(null)" in it.
    let tickless = try? host.kernel.text(.sys("devices/system/cpu/nohz_full"))
    locality.isolated =
      (topology?.isolated.value ?? CPUSet())
      .union(tickless.flatMap { CPUSet(list: $0) } ?? CPUSet())
    locality.hasNode = vectors?.numaNode != nil
    locality.isInterrupted = vectors?.isVirtual != true
    locality.whyUnknown = vectors?.unknown?.description
    for (queue, number) in vectors?.interrupts ?? [:] {
      let irq = host.irq(number)
      locality.vectors[queue] = Locality.Vector(
        affinity: irq.affinity.value, effectiveAffinity: irq.effectiveAffinity.value,
        hint: irq.affinityHint.value ?? nil)
    }
    for (queue, cpus) in vectors?.threads ?? [:] {
      locality.vectors[queue, default: Locality.Vector()].thread = cpus
    }
    return locality
  }

  /// CPUs of each node, nearest to `home` first.
  private static func nodes(_ topology: Topology?, home: Int?) -> [CPUSet]? {
    guard let nodes = topology?.nodes.value else { return nil }
    let distances = nodes.first { $0.number == home }?.distances ?? [:]
    return nodes.sorted {
      (distances[$0.number] ?? .max, $0.number) < (distances[$1.number] ?? .max, $1.number)
    }.map(\.cpus).filter { !$0.isEmpty }
  }
}
