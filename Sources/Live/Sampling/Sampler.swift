package import KernelIO
import Knobs
import Notation
package import ReceivePath

/// Looks at a host again and again: at counters each time, at its configuration only where the
/// kernel announced a change of it, and every ten seconds for what it never announces (RPS masks,
/// affinities). Holders of sockets are looked for when new ones show, and then as seldom.
package final class Sampler {
  private let host: Host
  private let names: [String]
  private let monitor: EventMonitor?
  /// Devices that were looked at before keep being so, whatever they are called now.
  private var known: [Int32] = []
  package private(set) var configuration = LiveConfiguration()
  /// MonotonicClock; nil: to be read at the next look.
  private var configured: UInt64?
  private var layouts: [Int32: (count: UInt32, layout: QueueCounterLayout)] = [:]
  private var vectors = VectorReader()
  private var holders = SocketHolders()

  /// Nanoseconds after which the configuration is read again, announced or not.
  private let staleAfter: UInt64

  /// - Parameters:
  ///   - names: the devices to look at; none means what `Host.chosen` chooses.
  ///   - monitor: nil where nothing is ever announced (a recorded host).
  package init(
    _ host: Host, names: [String] = [], monitor: EventMonitor? = nil,
    staleAfter: UInt64 = 10_000_000_000
  ) {
    self.host = host
    self.staleAfter = staleAfter
    self.names = names
    self.monitor = monitor
  }

  /// Reads the counters now.
  package func look() throws(KernelError) -> Sample {
    let now = MonotonicClock.now()
    if try isStale(now) {
      try configure()
      configured = now
    }
    var sample = Sample(time: MonotonicClock.now(), clock: TimeStamp.now().seconds)
    for device in configuration.devices {
      if let counters = counters(of: device) { sample.devices.append(counters) }
    }
    sample.vectors = vectors.read(host)
    sample.cpus = cpus()
    let protocols = try? host.protocolCounters(only: ProtocolLoss.names)
    sample.protocols = protocols.map { counters in
      ProtocolLoss.names.reduce(into: [:]) { $0[$1] = counters[$1] }
    }
    if let listeners = try? host.listeners() {
      let sockets = listeners + ((try? host.udpSockets()) ?? [])
      holders.search(sockets, host, at: now)
      sample.sockets = sockets.map { Sample.Socket($0, heldBy: holders[$0]) }
    }
    return sample
  }

  private func isStale(_ now: UInt64) throws(KernelError) -> Bool {
    // Taken even where it is stale anyway: what is announced now is not news afterwards.
    let isAnnounced = try monitor.map { (monitor) throws(KernelError) in
      !(try monitor.wait(timeoutMilliseconds: 0).isEmpty)
    }
    guard let configured, isAnnounced != true else { return true }
    return now &- configured >= staleAfter
  }
}

// MARK: - Configuration

extension Sampler {
  private func configure() throws(KernelError) {
    let all = try host.links()
    let (chosen, missing) = host.chosen(all, named: names)
    var links = chosen
    if !names.isEmpty {
      links += all.filter { link in
        known.contains(link.index) && !links.contains { $0.index == link.index }
      }
    }
    known = links.map(\.index)
    layouts = layouts.filter { known.contains($0.key) }
    let devices = host.deviceQueues(of: links, among: all)
    // Who asked for a device by name sees that it is gone.
    let gone = missing.isEmpty ? [] : configuration.devices.filter { !known.contains($0.index) }
    configuration.devices =
      devices.map(configured)
      + gone.map { LiveConfiguration.Device(name: $0.name, index: $0.index, driver: $0.driver) }
    vectors = VectorReader(host, configuration.devices.flatMap { $0.queues.compactMap(\.irq) })
  }

  private func configured(_ device: DeviceQueues) -> LiveConfiguration.Device {
    LiveConfiguration.Device(
      name: device.link.name, index: device.link.index, driver: device.driver.value?.driver,
      queues: device.paths.map { path in
        LiveConfiguration.Queue(
          number: path.queue, irq: path.irq, napiID: path.napiID, cpus: path.cpus?.list,
          rpsCPUs: path.rpsCPUs.value?.list)
      },
      source: source(of: device))
  }

  private func source(of device: DeviceQueues) -> CounterSource? {
    let (name, index) = (device.link.name, device.link.index)
    if let told = try? host.queueStatistics(name, ifindex: UInt32(clamping: index)),
      told.contains(where: { $0.direction == .rx })
    {
      layouts[index] = nil
      return .qstats
    }
    guard let count = device.driver.value?.statistics, count > 0 else { return nil }
    if let known = layouts[index], known.count == count {
      return known.layout.isEmpty ? nil : .driver
    }
    guard let statistics = try? host.driverStatistics(name, count: count) else { return nil }
    let layout = QueueCounterLayout(statistics)
    layouts[index] = (count, layout)
    return layout.isEmpty ? nil : .driver
  }
}

// MARK: - Counters

extension Sampler {
  /// nil where it is gone.
  private func counters(of device: LiveConfiguration.Device) -> Sample.Device? {
    guard let link = try? host.link(index: device.index) else { return nil }
    var sample = Sample.Device(
      index: link.index, name: link.name, isUp: link.isUp, link: link.statistics)
    switch device.source {
    case .qstats:
      let told = try? host.queueStatistics(link.name, ifindex: UInt32(clamping: link.index))
      sample.queues = Self.queues(told ?? [])
    case .driver:
      guard let (count, layout) = layouts[device.index],
        let values = try? host.driverCounters(link.name, count: count)
      else { break }
      guard values.count == Int(count) else {
        // The driver counts other things now.
        configured = nil
        layouts[device.index] = nil
        break
      }
      sample.queues = Self.queues(layout.statistics(values))
    case .interrupts, nil: break
    }
    return sample
  }

  private static func queues(_ statistics: [QueueStatistics]) -> [Sample.Queue] {
    statistics.filter { $0.direction == .rx }.map {
      Sample.Queue(
        number: Int($0.id), packets: $0.packets, bytes: $0.bytes, drops: $0.drops)
    }
  }

  private func cpus() -> [Sample.CPU] {
    let softnet = (try? host.softnetStat())?.rows ?? []
    let times = (try? host.processorTimes()) ?? [:]
    let netRX = (try? host.softirqCounts())?.netRX ?? [:]
    // Lines whose CPU is not told are left out: their counts are nobody's.
    let online = times.isEmpty ? softnet.compactMap(\.cpu) : Array(times.keys)
    return online.sorted().map { cpu in
      Sample.CPU(
        number: cpu, times: times[cpu], softnet: softnet.first { $0.cpu == cpu },
        netRX: netRX[cpu])
    }
  }
}

/// Reads the interrupts that queues have: each by itself, or the table of all, whichever is less.
private struct VectorReader {
  private var irqs: [Int] = []
  private var possible: CPUSet?

  /// What one file of /sys/kernel/irq costs, in bytes of /proc/interrupts: 9 µs against 30 ns.
  private static let bytesOfTable = 300

  init() {}

  init(_ host: Host, _ irqs: [Int]) {
    self.irqs = Set(irqs).sorted()
    guard let first = self.irqs.first, let possible = try? host.possibleCPUs(),
      (try? host.interruptCounts(ofIRQ: first, possible: possible)) != nil,
      let table = try? host.kernel.read(.proc("interrupts")),
      self.irqs.count * Self.bytesOfTable < table.count
    else { return }
    self.possible = possible
  }

  func read(_ host: Host) -> [Sample.Vector] {
    if irqs.isEmpty { return [] }
    if let possible {
      return irqs.compactMap { irq in
        (try? host.interruptCounts(ofIRQ: irq, possible: possible)).map { Self.vector(irq, $0) }
      }
    }
    guard let table = try? host.interruptTable() else { return [] }
    return irqs.compactMap { irq in table[irq].map { Self.vector(irq, $0.counts) } }
  }

  private static func vector(_ irq: Int, _ counts: InterruptCounts) -> Sample.Vector {
    Sample.Vector(
      irq: irq,
      counts: counts.nonzero.map {
        Sample.Vector.Count(cpu: Int($0.cpu), count: UInt32(truncatingIfNeeded: $0.value))
      })
  }
}
