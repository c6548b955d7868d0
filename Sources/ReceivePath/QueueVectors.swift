import KernelIO
import Netlink

/// Which interrupt serves each receive queue of a device, and where the device is: what placement
/// needs, without the rest of a snapshot.
package struct QueueVectors: Hashable, Sendable {
  /// nil where the device belongs to no node, or does not tell.
  package var numaNode: Int?
  /// By queue; queues whose interrupt is not known are left out.
  package var interrupts: [Int: Int]
}

extension Host {
  /// Joined as `QueuePath` does it.
  package func queueVectors(_ link: Link) -> QueueVectors {
    let shared = SharedTables(self, links: [link])
    let device = joinedParts(of: link, shared)
    let count = receiveQueueCount(device)
    let named = namedInterrupts(device, shared, receiveQueues: count)
    var interrupts = Dictionary(
      named.map { ($0.queue, $0.irq) }, uniquingKeysWith: { first, _ in first })
    // What netlink tells goes before a name.
    let napis = Dictionary(
      (device.napis.value ?? []).map { ($0.id, $0.irq) }, uniquingKeysWith: { first, _ in first })
    for queue in device.queues.value ?? [] where queue.direction == .rx {
      guard let napi = queue.napiID, let irq = napis[napi] ?? nil, queue.id < count else {
        continue
      }
      interrupts[Int(queue.id)] = irq
    }
    return QueueVectors(numaNode: device.numaNode.value ?? nil, interrupts: interrupts)
  }
}
