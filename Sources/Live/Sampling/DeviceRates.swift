package import Knobs
import ReceivePath

/// A device between two samples.
package struct DeviceRates: Hashable, Sendable {
  package var name: String
  package var index: Int32
  /// nil where the device is gone.
  package var isUp: Bool?
  /// Received, as rtnetlink counts them.
  package var packets: Double?
  package var bytes: Double?
  /// Packets that the device or its driver had no room for.
  package var lost: Double?
  package var queues: [QueueRates]
  package var imbalance: Imbalance?

  init(
    _ device: LiveConfiguration.Device, _ interval: Interval?, _ later: Sample,
    _ vectors: VectorRates, _ cpus: [CPURates]
  ) {
    let now = later.devices.first { $0.index == device.index }
    let before = interval?.earlier.devices.first { $0.index == device.index }
    name = now?.name ?? device.name
    index = device.index
    isUp = now?.isUp
    packets = interval?.rate(now?.link?.rxPackets, since: before?.link?.rxPackets)
    bytes = interval?.rate(now?.link?.rxBytes, since: before?.link?.rxBytes)
    // Drivers count one packet in either or in both (networking/statistics.rst).
    let missed = interval?.rate(now?.link?.rxMissedErrors, since: before?.link?.rxMissedErrors)
    let fifo = interval?.rate(now?.link?.rxFIFOErrors, since: before?.link?.rxFIFOErrors)
    lost = missed.map { max($0, fifo ?? 0) }
    let name = self.name
    queues = device.queues.map { queue in
      QueueRates(
        queue, of: name, device.source, interval,
        now: now?.queues.first { $0.number == queue.number },
        before: before?.queues.first { $0.number == queue.number }, vectors, cpus)
    }
    imbalance =
      device.source.flatMap { Imbalance(queues.map(\.packets), $0) }
      ?? Imbalance(queues.map(\.interrupts), .interrupts)
  }
}

/// A receive queue between two samples.
package struct QueueRates: Hashable, Sendable {
  package var device: String
  package var queue: Int
  package var irq: Int?
  package var packets: Double?
  package var bytes: Double?
  package var drops: Double?
  /// Of packets, bytes and drops; nil where nobody counts them by queue.
  package var source: CounterSource?
  package var interrupts: Double?
  /// The CPU that took most of its interrupts; while there are none, the one that would.
  package var cpu: Int?
  /// Of that CPU's time, the share of softirqs: 0…1.
  package var softirq: Double?
  /// Empty is off; nil not known.
  package var rpsCPUs: CPUSet?

  /// Packets for each interrupt; nil while there are none.
  package var batch: Double? {
    guard let packets, let interrupts, interrupts > 0 else { return nil }
    return packets / interrupts
  }

  init(
    _ queue: LiveConfiguration.Queue, of device: String, _ source: CounterSource?,
    _ interval: Interval?, now: Sample.Queue?, before: Sample.Queue?, _ vectors: VectorRates,
    _ cpus: [CPURates]
  ) {
    self.device = device
    self.queue = queue.number
    irq = queue.irq
    packets = interval?.rate(now?.packets, since: before?.packets)
    bytes = interval?.rate(now?.bytes, since: before?.bytes)
    drops = interval?.rate(now?.drops, since: before?.drops)
    self.source = source
    let vector = queue.irq.flatMap { vectors[$0] }
    interrupts = vector?.total
    let configured = queue.cpus.flatMap { CPUSet(list: $0) }
    cpu =
      vector?.cpus.max { $0.rate < $1.rate }?.cpu
      ?? configured.flatMap { $0.count == 1 ? $0.first : nil }
    let serving = cpu
    softirq = cpus.first { $0.cpu == serving }?.softirq
    rpsCPUs = queue.rpsCPUs.flatMap { CPUSet(list: $0) }
  }
}
