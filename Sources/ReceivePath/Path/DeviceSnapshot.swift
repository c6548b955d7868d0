import KernelIO
package import Knobs

/// One device with all the stages of its receive path, as found at one moment.
package struct DeviceSnapshot: Sendable {
  package var link: Link
  /// The devices that its packets arrive at; nil where it is that itself.
  package var below: DevicesBelow?
  /// Why files below /sys/class/net/DEV cannot be believed; nil where they can.
  package var sysfs: Absence?

  // Device
  package var driver: Reading<DriverInfo>
  package var linkMode: Reading<LinkMode>
  /// nil where it was not asked for.
  package var pauseFrames: Reading<PauseFrames>?
  /// nil inside: the device belongs to no node.
  package var numaNode: Reading<Int?>

  // RSS
  package var rss: Reading<RSS>
  /// The contexts besides the main one.
  package var rssContexts: Reading<[RSS]>
  package var flowRules: Reading<[FlowRule]>

  // Ring
  package var channels: Reading<Channels>
  package var rings: Reading<EthtoolParameters>
  package var queues: Reading<[Queue]>
  package var queueStatistics: Reading<[QueueStatistics]>
  /// What the driver counts of a cloud's limits; empty where it counts none, or was not asked.
  package var allowances: [DriverStatistics.Counter] = []
  /// What its driver counts of packets without a buffer under names of its own; empty as above.
  package var discards: [DriverStatistics.Counter] = []

  // IRQ
  package var interrupts: Reading<DeviceInterrupts>
  package var coalescing: Reading<Coalescing>

  // NAPI
  package var napis: Reading<[NAPI]>
  /// The threads that poll them, whatever their queues; nil where they were not asked for.
  package var threads: [Reading<NAPIThread>]?
  /// nil where every instance tells its own settings (since 6.13).
  package var napiDefaults: NAPIDefaults?

  // GRO
  package var offloads: Reading<Offloads>

  // Transmit
  package var transmitQueues: [TransmitQueue]

  /// The receive queues, ascending.
  package var paths: [QueuePath]
}

/// Device-wide settings that every new NAPI instance starts from: /sys/class/net/DEV/
/// napi_defer_hard_irqs, gro_flush_timeout (ns), threaded (networking/napi.rst).
package struct NAPIDefaults: Sendable, Hashable {
  package var deferHardIRQs: Reading<Int>
  package var groFlushTimeout: Reading<Int>
  package var threaded: Reading<Int>
}

/// What the reading of several devices shares: asked for at first use, once.
final class SharedTables {
  private let host: Host
  /// All devices of the namespace, as far as they were asked for.
  let links: [Link]
  let sysfs: SysfsNamespace
  private(set) lazy var topology = Reading { () throws(KernelError) in try host.topology() }
  private(set) lazy var interrupts = Reading { () throws(KernelError) in
    try host.interruptTable()
  }
  private lazy var everyLink = Reading { () throws(KernelError) in try host.links() }

  /// Whether other interfaces of this namespace are on the same device of the bus; true where that
  /// cannot be told.
  func isShared(_ link: Link) -> Bool {
    guard let links = everyLink.value, let device = host.busDevice(of: link) else { return true }
    return links.contains { other in
      guard other.index != link.index else { return false }
      if link.parentDevice != nil {
        return other.parentDevice == device && other.parentBus == link.parentBus
      }
      return host.isPhysical(other) && host.busDevice(of: other) == device
    }
  }

  /// - Parameter all: the devices of the namespace; `links` are those that are looked at.
  init(_ host: Host, links: [Link], among all: [Link]) {
    self.host = host
    self.links = all
    sysfs = SysfsNamespace.check(links, host)
  }
}

extension Host {
  /// Reads all stages of a device; what cannot be read says why in its place.
  ///
  /// - Parameter isWhole: asks what no stage shows, too.
  func snapshot(_ link: Link, _ shared: SharedTables, isWhole: Bool = false) -> DeviceSnapshot {
    let name = link.name
    let sysfs = shared.sysfs
    let join = queueJoin(link, shared)
    let (statistics, own) = queueCounters(join, isWhole: isWhole)
    let rss = Reading { () throws(KernelError) in try self.rss(name) }
    let napis = join.napis.value
    let instancesTell = napis.map { !$0.isEmpty && $0.allSatisfy(\.tellsSettings) } ?? false
    let defaults = instancesTell ? nil : napiDefaults(link, sysfs)
    let rules = Reading { () throws(KernelError) in try flowRules(name) }
    return DeviceSnapshot(
      link: link,
      below: devicesBelow(link, shared.links),
      sysfs: sysfs.absence(of: link),
      driver: join.driver,
      linkMode: Reading { () throws(KernelError) in try linkMode(name) },
      pauseFrames: isWhole
        ? Reading { () throws(KernelError) in try pauseFrames(name) } : nil,
      numaNode: join.numaNode,
      rss: rss,
      rssContexts: contexts(name, rss, rules),
      flowRules: rules,
      channels: join.channels,
      rings: Reading { () throws(KernelError) in try ethtoolParameters(.rings, name) },
      queues: join.queues,
      queueStatistics: statistics,
      allowances: own?.allowances ?? [],
      discards: own?.discards(of: join.driver.value?.driver ?? "") ?? [],
      interrupts: join.interrupts,
      coalescing: Reading { () throws(KernelError) in try coalescing(name) },
      napis: join.napis,
      threads: isWhole ? threads(of: napis ?? [], defaults) : nil,
      napiDefaults: defaults,
      offloads: Reading { () throws(KernelError) in try offloads(name) },
      transmitQueues: transmitQueues(
        link, join.transmitQueueCount, sysfs, spreadingOver: isWhole ? rss.value?.table : nil),
      paths: queuePaths(join, rss, statistics, defaults, shared))
  }

  /// Before 6.17 a thread stays when polling is no longer its.
  private func threads(of napis: [NAPI], _ defaults: NAPIDefaults?) -> [Reading<NAPIThread>] {
    napis.compactMap { napi in
      let threaded = napi.threaded ?? defaults?.threaded.value.map { UInt64(clamping: $0) }
      guard let pid = napi.threadPID, threaded != 0 else { return nil }
      return Reading { () throws(KernelError) in try napiThread(pid) }
    }
  }

  /// - Parameter table: nil asks for no queue's traffic class; otherwise those that it leaves out may
  ///   have one of their own.
  private func transmitQueues(
    _ link: Link, _ count: Int, _ sysfs: SysfsNamespace, spreadingOver table: [UInt32]?
  ) -> [TransmitQueue] {
    let named = table.map { Set($0.map(Int.init)) }
    // BQL is the driver's: what the first queue lacks, all lack.
    var missing: Reading<ByteQueueLimits>?
    return (0..<count).map { queue in
      let limits = missing ?? byteQueueLimits(link, queue: queue, sysfs)
      if limits.absence?.reason == .notSupported { missing = limits }
      var transmit = TransmitQueue(
        steering: transmitSteering(link, queue: queue, sysfs), byteQueueLimits: limits)
      if let named, !named.isEmpty, !named.contains(queue) {
        transmit.trafficClass = sysfs.reading(link) { () throws(KernelError) in
          try trafficClass(link, queue: queue)
        }
      }
      return transmit
    }
  }

  private func napiDefaults(_ link: Link, _ sysfs: SysfsNamespace) -> NAPIDefaults {
    func number(_ file: String) -> Reading<Int> {
      sysfs.reading(link) { () throws(KernelError) in try kernel.integer(link.devicePath(file)) }
    }
    return NAPIDefaults(
      deferHardIRQs: number("napi_defer_hard_irqs"), groFlushTimeout: number("gro_flush_timeout"),
      threaded: number("threaded"))
  }

  /// Contexts by the dump; where the kernel has none, those that rules name.
  private func contexts(
    _ device: String, _ main: Reading<RSS>, _ rules: Reading<[FlowRule]>
  ) -> Reading<[RSS]> {
    if let absence = main.absence { return .absent(absence) }
    return Reading { () throws(KernelError) in
      var numbers: [UInt32]
      do throws(KernelError) { numbers = try rssContexts(device) } catch {
        guard error.kind == .notSupported || error.kind == .refused else { throw error }
        numbers = Set((rules.value ?? []).compactMap(\.context)).filter { $0 != 0 }.sorted()
      }
      return try numbers.map { (number) throws(KernelError) in try rss(device, context: number) }
    }
  }
}
