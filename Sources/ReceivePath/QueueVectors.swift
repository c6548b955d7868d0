/// Which interrupt serves each receive queue of a device, and where the device is: what placement
/// needs, without the rest of a snapshot.
package struct QueueVectors: Hashable, Sendable {
  /// nil where the device belongs to no node, or does not tell.
  package var numaNode: Int?
  /// By queue; queues whose interrupt is not known are left out.
  package var interrupts: [Int: Int] = [:]
}

extension Host {
  /// Joined as `QueuePath` does it.
  package func queueVectors(_ link: Link) -> QueueVectors {
    let shared = SharedTables(self, links: [link])
    let join = queueJoin(link, shared)
    var vectors = QueueVectors(numaNode: join.numaNode.value ?? nil)
    for (queue, service) in join.services(shared).enumerated() {
      vectors.interrupts[queue] = service.irq
    }
    return vectors
  }
}
