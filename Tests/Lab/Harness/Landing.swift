import Foundation

/// Where the packets of a flow arrived.
struct Landing {
  let flow: Flow
  /// The queue whose packet counter took every packet of the flow; nil when none did.
  let queue: Int?
  /// Whether that queue's interrupt came.
  let interrupted: Bool
}

extension Guest {
  /// Sends packets of each flow to NIC `number` and tells from `device`'s counters where they went.
  ///
  /// Several flows share one look at the counters: the first sends one packet, the second two, the
  /// third four, so that the bits of what a queue gained name the flows that it got.
  func landings(
    of flows: [Flow], on device: String = "eth0", nic number: Int = 0
  ) throws -> [Landing] {
    let tap = try tap(number)
    // 127 packets at once, half of the smallest ring.
    let group = 7
    var landings: [Landing] = []
    let virtio = try virtioName(of: device)
    var before = try Counters(device, virtio, in: self)
    for start in stride(from: 0, to: flows.count, by: group) {
      let some = flows[start..<min(start + group, flows.count)]
      for (bit, flow) in some.enumerated() { try tap.send(flow, count: 1 << bit) }
      let after = try counters(of: device, virtio, after: before, packets: 1 << some.count - 1)
      for (bit, flow) in some.enumerated() {
        let queues = after.packets.filter {
          ($0.value - before.packets[$0.key, default: 0]) >> bit & 1 == 1
        }.keys
        let queue =
          queues.count == 1 && after.isExact(1 << some.count - 1, since: before)
          ? queues.first : nil
        landings.append(
          Landing(
            flow: flow, queue: queue,
            interrupted: queue.map {
              after.interrupts[$0, default: 0] > before.interrupts[$0, default: 0]
            }
              ?? false))
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
      if counters.isExact(packets, since: before) || .now > deadline { return counters }
      Thread.sleep(forTimeInterval: 0.01)
    }
  }
}

/// A device's receive queues: the packets they took and the interrupts they raised.
private struct Counters {
  let packets: [Int: Int]
  let interrupts: [Int: Int]

  init(_ device: String, _ virtio: String, in guest: Guest) throws {
    let lines = try guest.shell("cat /proc/interrupts; ethtool -S \(device)")
      .split(separator: "\n").map(String.init)
    packets = QueuePackets(lines).byQueue
    interrupts = Dictionary(
      Interrupts(lines).rows.compactMap { row in
        row.receiveQueue(of: device, virtio: virtio).map { ($0, row.total) }
      }, uniquingKeysWith: +)
  }

  func isExact(_ count: Int, since before: Counters) -> Bool {
    packets.values.reduce(0, +) - before.packets.values.reduce(0, +) == count
  }
}
