import Foundation

/// Where the packets of a flow arrived.
struct Landing {
  let flow: Flow
  /// The queue whose counters took every packet of the flow, and every byte; nil when none did.
  let queue: Int?
  /// Whether that queue's interrupt came.
  let interrupted: Bool
}

extension Guest {
  /// Sends packets of each flow to NIC `number` and tells from `device`'s counters where they went.
  func landings(
    of flows: [Flow], on device: String = "eth0", nic number: Int = 0
  ) throws -> [Landing] {
    let tap = try tap(number)
    var landings: [Landing] = []
    let virtio = try virtioName(of: device)
    var before = try Counters(device, virtio, in: self)
    for start in stride(from: 0, to: flows.count, by: Batch.capacity) {
      let batch = Batch(flows: Array(flows[start..<min(start + Batch.capacity, flows.count)]))
      for (flow, paddings) in zip(batch.flows, batch.paddings) {
        for padding in paddings { try tap.send(flow, padding: padding) }
      }
      let after = try counters(of: device, virtio, after: before, packets: batch.packets)
      let queues = batch.queues(after.received, since: before.received)
      landings += zip(batch.flows, queues).map { flow, queue in
        let interrupted = queue.map {
          after.interrupts[$0, default: 0] > before.interrupts[$0, default: 0]
        }
        return Landing(flow: flow, queue: queue, interrupted: interrupted ?? false)
      }
      before = after
    }
    return landings
  }

  /// The counters once `packets` more arrived, or after three seconds.
  private func counters(
    of device: String, _ virtio: String, after before: Counters, packets: Int
  ) throws -> Counters {
    let deadline = ContinuousClock.now + .seconds(3)
    while true {
      let counters = try Counters(device, virtio, in: self)
      if counters.packets - before.packets == packets || .now > deadline { return counters }
      Thread.sleep(forTimeInterval: 0.01)
    }
  }
}

/// Flows that share one look at the counters.
///
/// All frames are of one length and what pads them: 1 byte for the first flow, 2 for the second, 4
/// for the third, in as many frames as that takes. The bits of what a queue's bytes gained beyond
/// that length name the flows that it got, and its packets must be as many as these have.
private struct Batch {
  /// 58 frames, less than half of the smallest ring.
  static let capacity = 16
  private static let longestPadding = 1400

  let flows: [Flow]

  /// Of each flow's frames.
  var paddings: [[Int]] {
    flows.indices.map { bit in
      stride(from: 1 << bit, to: 0, by: -Self.longestPadding).map { min($0, Self.longestPadding) }
    }
  }

  var packets: Int { paddings.reduce(0) { $0 + $1.count } }

  /// The queue of each flow, from the packets and bytes of each queue; nil where they do not add up.
  func queues(
    _ after: [Int: QueueReceived], since before: [Int: QueueReceived]
  ) -> [Int?] {
    let nowhere = [Int?](repeating: nil, count: flows.count)
    let gains = after.merging(before) { $0 - $1 }
    let total = gains.values.reduce(QueueReceived()) { $0 + $1 }
    guard total.packets == packets else { return nowhere }
    // Drivers differ in which headers they count, each the same for every frame.
    let (length, rest) = (total.bytes - (1 << flows.count - 1))
      .quotientAndRemainder(dividingBy: packets)
    guard rest == 0 else { return nowhere }
    let padding = gains.mapValues { $0.bytes - $0.packets * length }
    let counts = paddings.map(\.count)
    for (queue, gain) in gains {
      let packets = counts.indices.filter { padding[queue, default: 0] >> $0 & 1 == 1 }
        .reduce(0) { $0 + counts[$1] }
      guard gain.packets == packets else { return nowhere }
    }
    return flows.indices.map { bit in padding.first { $0.value >> bit & 1 == 1 }?.key }
  }
}

/// A device's receive queues: what they took and the interrupts they raised.
private struct Counters {
  let received: [Int: QueueReceived]
  let interrupts: [Int: Int]

  init(_ device: String, _ virtio: String, in guest: Guest) throws {
    let lines = try guest.shell("cat /proc/interrupts; ethtool -S \(device)")
      .split(separator: "\n").map(String.init)
    let told = QueueReceived.byQueue(lines)
    // Since 6.10 virtio_net counts by netdev's qstats alone, which ethtool does not ask for.
    received =
      told.isEmpty
      ? QueueReceived.byQueue(
        of: device, try JSONFields(guest.shell("rxtune show \(device) --json --stage ring")))
      : told
    interrupts = Dictionary(
      Interrupts(lines).rows.compactMap { row in
        row.receiveQueue(of: device, virtio: virtio).map { ($0, row.total) }
      }, uniquingKeysWith: +)
  }

  var packets: Int { received.values.reduce(0) { $0 + $1.packets } }
}
