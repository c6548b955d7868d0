import KernelIO
package import Knobs

/// One receive queue followed through: queue → IRQ vector → NAPI instance → CPUs → NUMA node →
/// RPS CPUs.
///
/// nil means that the join ends there (no IRQ is known for the queue, so it has no affinity);
/// `Reading.absent` that it goes on and could not be read.
package struct QueuePath: Hashable, Sendable {
  package var queue: Int
  package var irq: Int?
  package var join: Join
  package var napiID: UInt32?
  package var thread: Reading<NAPIThread>?
  /// CPUs that were asked for (smp_affinity).
  package var affinity: Reading<CPUSet>?
  /// The kernel places the interrupt itself, and refuses another affinity; nil where it does not
  /// tell.
  package var isManaged: Bool?
  /// CPUs that the interrupt is delivered to; follows at the next interrupt only.
  package var effectiveAffinity: Reading<CPUSet>?
  /// How often the IRQ fired, over all CPUs.
  package var interrupts: UInt64?
  /// From the device's node to the nearest CPU that is interrupted; 10 is local (ACPI SLIT).
  package var numaDistance: Int?
  /// Of the main context's table: 0…1.
  package var rssShare: Double?
  /// Empty: RPS is off.
  package var rpsCPUs: Reading<CPUSet>
  package var rpsFlowCount: Reading<Int>
  package var statistics: QueueStatistics?

  /// Above any device's queues: a guard against a hostile reply.
  static let limit = 1 << 16

  /// CPUs that serve the queue's interrupt, as far as is known.
  package var cpus: CPUSet? {
    if let effective = effectiveAffinity?.value, !effective.isEmpty { return effective }
    return affinity?.value
  }
}

extension Host {
  /// Joins what was read of a device into its queue paths.
  func queuePaths(_ device: DeviceSnapshot, _ shared: SharedTables) -> [QueuePath] {
    let link = device.link
    let receiving = (device.queues.value ?? []).filter { $0.direction == .rx }
    let count = receiveQueueCount(device)
    /// The first value of each queue.
    func byQueue<Value>(_ values: [(queue: Int, value: Value)]) -> [Value?] {
      var places = [Value?](repeating: nil, count: count)
      for (queue, value) in values.reversed() where places.indices.contains(queue) {
        places[queue] = value
      }
      return places
    }
    let napiIDs = byQueue(
      receiving.compactMap { queue in queue.napiID.map { (Int(queue.id), $0) } })
    let napis = device.napis.value ?? []
    let knownIDs = napis.map(\.id)
    let named = byQueue(
      namedInterrupts(device, shared, receiveQueues: count).map { ($0.queue, $0) })
    let statistics = byQueue(
      (device.queueStatistics.value ?? []).filter { $0.direction == .rx }.map { (Int($0.id), $0) })
    let shares = device.rss.value?.shares ?? [:]

    return (0..<count).map { queue in
      let napi = napiIDs[queue].flatMap(knownIDs.firstIndex).map { napis[$0] }
      let irq = napi?.irq ?? named[queue]?.irq
      let steering = receivePacketSteering(link, queue: queue, shared.sysfs)
      var path = QueuePath(
        queue: queue, irq: irq,
        join: napi?.irq != nil ? .kernel : named[queue]?.join ?? .unknown,
        napiID: napiIDs[queue],
        rssShare: shares.isEmpty ? nil : shares[queue] ?? 0,
        rpsCPUs: steering.cpus, rpsFlowCount: steering.flowCount,
        statistics: statistics[queue])
      path.thread = napi?.threadPID.map { pid in
        Reading { () throws(KernelError) in try napiThread(pid) }
      }
      if let irq { follow(irq, device, shared, into: &path) }
      return path
    }
  }

  /// Queues that receive now: as the netdev family lists them; while the device is down, as its
  /// channels and then rtnetlink count them.
  func receiveQueueCount(_ device: DeviceSnapshot) -> Int {
    let listed = (device.queues.value ?? []).filter { $0.direction == .rx }
      .map { Int($0.id) + 1 }.max()
    let channels = device.channels.value.map(\.receiving).flatMap { $0 > 0 ? $0 : nil }
    let count = listed ?? channels ?? Int(device.link.rxQueues ?? 0)
    return min(count, QueuePath.limit)
  }

  func namedInterrupts(
    _ device: DeviceSnapshot, _ shared: SharedTables, receiveQueues: Int
  ) -> [QueueInterrupt] {
    // A virtual device has no interrupts; names alone would join a namesake's.
    guard device.interrupts.value != nil, let table = shared.interrupts.value else { return [] }
    let name = InterruptName.Device(
      interface: device.link.name, busName: device.link.parentDevice ?? device.driver.value?.bus,
      driver: device.driver.value?.driver)
    let transmit = (device.queues.value ?? []).filter { $0.direction == .tx }.count
    let owned = device.interrupts.value.map { Set($0.numbers) }
    let rows =
      owned.map { owned in owned.sorted().compactMap { table[$0] } } ?? table.interrupts
    return QueueInterrupt.byName(
      rows.map { (irq: $0.number, actions: $0.actions) }, owned: owned, device: name,
      receiveQueues: receiveQueues, transmitQueues: transmit)
  }

  private func follow(
    _ number: Int, _ device: DeviceSnapshot, _ shared: SharedTables, into path: inout QueuePath
  ) {
    path.affinity = affinity(ofIRQ: number)
    path.isManaged = isManaged(number)
    path.effectiveAffinity = Reading { () throws(KernelError) in
      try kernel.cpus(.proc("irq/\(number)/effective_affinity_list"), as: .list)
    }
    path.interrupts = shared.interrupts.value?[number]?.counts.total
    if let node = device.numaNode.value ?? nil, let cpus = path.cpus {
      path.numaDistance = shared.topology.value?.distance(from: node, to: cpus)
    }
  }
}
