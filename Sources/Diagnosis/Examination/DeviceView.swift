package import Knobs
import Live
package import ReceivePath

/// A device in an examination: as it is now, and as it was.
package struct DeviceView: Sendable {
  package let device: DeviceSnapshot
  /// The same device before, whatever its name was then; nil where it was not there.
  package let earlier: DeviceSnapshot?
  package let examination: Examination

  package var name: String { device.link.name }
  package var subject: Diagnosis.Subject { .device(name) }

  /// Hardware, or a hypervisor's device, is behind it, or seems to be.
  package var isPhysical: Bool { device.link.isPhysical ?? true }

  /// Receives now: up, and not known to be without a link.
  package var isReceiving: Bool { device.link.isUp && device.link.carrier != false }

  /// A counter of the link.
  package func trend(
    of name: String, _ counter: (LinkStatistics) -> UInt64?
  ) -> Trend {
    if let gap { return .unknown(gap) }
    return examination.trend(
      of: name, from: earlier?.link.statistics.flatMap(counter),
      to: device.link.statistics.flatMap(counter))
  }

  /// Why nothing of this device can be compared.
  private var gap: String? {
    examination.interval != nil && earlier == nil
      ? "\(name) is not in the first snapshot" : nil
  }

  package var packetsPerSecond: Double? {
    trend(of: "rx-packets") { $0.rxPackets }.perSecond
  }

  /// Why its rates tell nothing.
  fileprivate var withoutRates: String {
    packetsPerSecond == nil
      ? "the packets a second are not known"
      : "fewer than \(Int(Examination.fewestPackets)) packets/s arrive: too few to judge by"
  }

  /// Its receive queues; none where they are not the same as before.
  package var queues: [QueueView] {
    let before = earlier?.paths ?? []
    let isSame = before.count == device.paths.count
    return device.paths.map { path in
      QueueView(
        path: path, earlier: isSame ? before.first { $0.queue == path.queue } : nil,
        device: self)
    }
  }

  /// A feature of ethtool -k; nil where it is not told.
  package func feature(_ name: String) -> Offloads.Feature? { device.offloads.value?[name] }

  package func isOn(_ feature: String) -> Bool? { self.feature(feature)?.isActive }
}

/// A receive queue in an examination.
package struct QueueView: Sendable {
  package let path: QueuePath
  package let earlier: QueuePath?
  package let device: DeviceView

  package var queue: Int { path.queue }

  /// Served by the same interrupt as before, as far as is known.
  private var isSame: Bool {
    earlier.map { $0.irq == path.irq && $0.napiID == path.napiID } ?? false
  }

  private func trend(_ name: String, _ counter: (QueuePath) -> UInt64?) -> Trend {
    guard device.examination.interval == nil || isSame else {
      return .unknown("rx-\(queue) was reopened between the snapshots")
    }
    return device.examination.trend(
      of: "\(name) of rx-\(queue)", from: earlier.flatMap(counter), to: counter(path))
  }

  package var packets: Trend { trend("packets") { $0.statistics?.packets } }
  package var drops: Trend { trend("drops") { $0.statistics?.drops } }
  package var interruptsPerSecond: Double? { interruptsPerCPU?.values.reduce(0, +) }

  /// Interrupts a second on each CPU that had some in the interval; nil where it is not known.
  package var interruptsPerCPU: [Int: Double]? {
    guard let interval = device.examination.interval, isSame, let now = path.interruptCounts,
      let before = earlier?.interruptCounts
    else { return nil }
    var rates: [Int: Double] = [:]
    for count in now.nonzero {
      // 32 bits each, that wrap.
      let growth = Growth.of(
        UInt32(truncatingIfNeeded: count.value),
        since: UInt32(truncatingIfNeeded: before[Int(count.cpu)]))
      guard let growth else { return nil }
      if growth > 0 { rates[Int(count.cpu)] = Double(growth) / interval }
    }
    return rates
  }

  /// CPUs that served it: those that were interrupted in the interval, else the one that polls it, else
  /// those that are set.
  package var cpus: CPUSet? {
    if let rates = interruptsPerCPU, !rates.isEmpty { return CPUSet(rates.keys) }
    return pollingCPU.map { CPUSet([$0]) } ?? path.cpus
  }

  /// The CPU that polls it, where it is none of those that are set.
  ///
  /// Polling that never runs out of packets asks for no interrupt, and an affinity moves the next
  /// interrupt only: it goes on where it began (networking/napi.rst, "Driver API"). That shows where
  /// the queue has most of the packets and those CPUs hardly processed any.
  var pollingCPU: Int? {
    guard let interrupts = interruptsPerCPU, interrupts.isEmpty, let share = packetShare,
      share > 0.5, path.rpsCPUs.value?.isEmpty == true, let set = path.cpus,
      let processed = device.examination.softnetRates(of: \.processed)
    else { return nil }
    let total = processed.reduce(0) { $0 + $1.rate }
    let here = processed.reduce(0) { $0 + (set.contains($1.cpu) ? $1.rate : 0) }
    guard let most = processed.max(by: { $0.rate < $1.rate }), most.rate > total / 2,
      here < total / 10
    else { return nil }
    return most.cpu
  }

  /// Of the device's packets: 0…1; nil where it is not known, or there are none.
  private var packetShare: Double? {
    guard let total = device.packetsPerSecond, total > 0 else { return nil }
    if device.device.paths.count == 1 { return 1 }
    return packets.perSecond.map { $0 / total }
  }
}

extension Examination {
  /// Fewer packets a second than this tell nothing of how a device copes (live measurements: queues
  /// that idle look imbalanced, and an interrupt a packet is right).
  package static let fewestPackets = 1000.0

  package var devices: [DeviceView] {
    now.devices.map { device in
      DeviceView(
        device: device, earlier: earlier?.devices.first { $0.link.index == device.link.index },
        examination: self)
    }
  }

  package func device(index: Int32) -> DeviceView? {
    devices.first { $0.device.link.index == index }
  }

  /// Asks `examine` of each device that receives, for what its settings alone tell.
  package func receivingDevices(
    _ examine: (DeviceView) -> [Diagnosis.Verdict]
  ) -> [Diagnosis.Verdict] {
    devices.filter(\.isReceiving).flatMap(examine)
  }

  /// The same of NICs alone.
  package func physicalDevices(
    _ examine: (DeviceView) -> [Diagnosis.Verdict]
  ) -> [Diagnosis.Verdict] {
    let devices = devices.filter { $0.isReceiving && $0.isPhysical }
    guard !devices.isEmpty else { return [.unchecked(nil, withoutHardware)] }
    return devices.flatMap(examine)
  }

  private var withoutHardware: String {
    let below = now.devices.flatMap { $0.below?.names ?? [] }
    guard !below.isEmpty else { return "no device with hardware behind it is up here" }
    let names = Set(below).sorted().joined(separator: ", ")
    return "packets arrive at other devices, which were not examined (\(names))"
  }

  /// Asks `examine` of each NIC that receives enough packets for their rates to tell something.
  ///
  /// - Parameter otherwise: is asked of the others, for what their settings and totals tell.
  package func busyDevices(
    otherwise: ((DeviceView) -> [Diagnosis.Verdict])? = nil,
    _ examine: (DeviceView) -> [Diagnosis.Verdict]
  ) -> [Diagnosis.Verdict] {
    if let withoutRates, otherwise == nil { return [.unchecked(nil, withoutRates)] }
    let verdicts = physicalDevices { device -> [Diagnosis.Verdict] in
      if let rate = device.packetsPerSecond, rate >= Self.fewestPackets { return examine(device) }
      let others = otherwise?(device) ?? []
      return withoutRates == nil
        ? others + [.unchecked(device.subject, device.withoutRates)] : others
    }
    return verdicts + (withoutRates.map { [.unchecked(nil, $0)] } ?? [])
  }
}
