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
  /// Why no IRQ is known; nil where one is.
  package var unknown: UnknownInterrupt?
  package var napiID: UInt32?
  package var thread: Reading<NAPIThread>?
  /// CPUs that were asked for (smp_affinity).
  package var affinity: Reading<CPUSet>?
  /// The kernel places the interrupt itself, and refuses another affinity; nil where it does not
  /// tell, as all before 6.12.
  package var isManaged: Bool?
  /// CPUs that the interrupt is delivered to; follows at the next interrupt only.
  package var effectiveAffinity: Reading<CPUSet>?
  /// How often the IRQ fired, by CPU.
  package var interruptCounts: InterruptCounts?
  /// From the device's node to the nearest CPU that is interrupted; 10 is local (ACPI SLIT).
  package var numaDistance: Int?
  /// Of the main context's table: 0…1.
  package var rssShare: Double?
  /// Empty: RPS is off.
  package var rpsCPUs: Reading<CPUSet>
  package var rpsFlowCount: Reading<Int>
  package var statistics: QueueStatistics?
  /// What has the queue's packets other than the host's stack; nil mostly.
  package var takenBy: String?

  /// Above any device's queues: a guard against a hostile reply.
  static let limit = 1 << 16

  /// Over all CPUs.
  package var interrupts: UInt64? { interruptCounts?.total }

  /// CPUs that serve the queue's interrupt, as far as is known.
  package var cpus: CPUSet? {
    if let effective = effectiveAffinity?.value, !effective.isEmpty { return effective }
    return affinity?.value
  }

  /// From `node` to the nearest CPU that is interrupted; nil where those that may be differ and which
  /// it is is not told (before 4.13).
  func distance(from node: Int, _ topology: Topology) -> Int? {
    guard let cpus else { return nil }
    if effectiveAffinity?.value == nil {
      let distances = cpus.cpus.map { topology.distance(from: node, toCPU: $0) }
      guard distances.allSatisfy({ $0 == distances.first }) else { return nil }
    }
    return topology.distance(from: node, to: cpus)
  }
}

extension Host {
  /// Follows each receive queue on from what it is joined to.
  ///
  /// - Parameter isBrief: only as far as the CPUs that its interrupt is delivered to: without RPS, and
  ///   what was asked for.
  func queuePaths(
    _ join: QueueJoin, _ rss: Reading<RSS>, _ statistics: Reading<[QueueStatistics]>,
    _ defaults: NAPIDefaults?, _ shared: SharedTables, isBrief: Bool = false
  ) -> [QueuePath] {
    let shares = rss.value?.shares ?? [:]
    let unread = Absence(.notSupported)
    var paths = join.services(shared).enumerated().map { queue, service in
      let steering =
        isBrief ? nil : receivePacketSteering(join.link, queue: queue, shared.sysfs)
      var path = QueuePath(
        queue: queue, irq: service.irq, join: service.join, unknown: service.unknown,
        napiID: service.napiID,
        rssShare: shares.isEmpty ? nil : shares[queue] ?? 0,
        rpsCPUs: steering?.cpus ?? .absent(unread),
        rpsFlowCount: steering?.flowCount ?? .absent(unread))
      path.takenBy = service.takenBy
      // Before 6.17 a thread stays when polling is no longer its.
      let threaded =
        service.napi?.threaded ?? defaults?.threaded.value.map { UInt64(clamping: $0) }
      if let pid = service.napi?.threadPID, threaded != 0 {
        path.thread = Reading { () throws(KernelError) in try napiThread(pid) }
      }
      if let irq = service.irq {
        follow(irq, join.numaNode.value ?? nil, shared, isBrief: isBrief, into: &path)
      }
      return path
    }
    for one in (statistics.value ?? []).reversed() where one.direction == .rx {
      if paths.indices.contains(Int(one.id)) { paths[Int(one.id)].statistics = one }
    }
    return paths
  }

  private func follow(
    _ number: Int, _ node: Int?, _ shared: SharedTables, isBrief: Bool,
    into path: inout QueuePath
  ) {
    path.effectiveAffinity = effectiveAffinity(ofIRQ: number)
    path.interruptCounts = shared.interrupts.value?[number]?.counts
    if isBrief, path.effectiveAffinity?.value?.isEmpty == false { return }
    path.affinity = affinity(ofIRQ: number)
    path.isManaged = isManaged(number)
    if let node, let topology = shared.topology.value {
      path.numaDistance = path.distance(from: node, topology)
    }
  }
}
