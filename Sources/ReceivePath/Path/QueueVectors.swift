package import Knobs

/// Which interrupt serves each receive queue of a device, and where the device is: what placement
/// needs, without the rest of a snapshot.
package struct QueueVectors: Hashable, Sendable {
  /// nil where the device belongs to no node, or does not tell.
  package var numaNode: Int?
  /// A virtual device has no interrupts.
  package var isVirtual = false
  /// By queue; queues whose interrupt is not known are left out.
  package var interrupts: [Int: Int] = [:]
  /// Why the first of the others is not.
  package var unknown: UnknownInterrupt?
  /// CPUs that the NAPI thread of a queue may run on; queues that no thread polls are left out.
  package var threads: [Int: CPUSet] = [:]
}

extension Host {
  /// Joined as `QueuePath` does it.
  package func queueVectors(_ link: Link) -> QueueVectors {
    let shared = SharedTables(self, links: [link], among: [link])
    let join = queueJoin(link, shared)
    var vectors = QueueVectors(
      numaNode: join.numaNode.value ?? nil, isVirtual: join.bus == nil)
    for (queue, service) in join.services(shared).enumerated() {
      vectors.interrupts[queue] = service.irq
      vectors.unknown = vectors.unknown ?? service.unknown
      vectors.threads[queue] = service.napi.flatMap { allowedCPUs(ofThreadOf: $0, link) }
    }
    return vectors
  }

  /// Before 6.17 a thread stays when polling is no longer its.
  private func allowedCPUs(ofThreadOf napi: NAPI, _ link: Link) -> CPUSet? {
    guard let pid = napi.threadPID else { return nil }
    let threaded =
      napi.threaded.map { $0 != 0 }
      ?? (try? kernel.integer(link.devicePath("threaded"))).map { $0 != 0 }
    guard threaded ?? true else { return nil }
    return try? napiThread(pid).allowedCPUs
  }
}
