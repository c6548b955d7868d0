package import KernelIO
package import Knobs
import Netlink

/// Where a knob has its values.
extension Host {
  /// The places of a knob, in order: the host, or the parts of `devices` that have one each.
  ///
  /// - Throws: where the parts cannot be listed, the reason.
  package func targets(
    of knob: Knob, on devices: [String], sharing answers: SharedAnswers = SharedAnswers()
  ) throws(KernelError) -> [Target] {
    switch knob.scope {
    case .host, .namespace: return [.host]
    case .socket: return []
    case .cpu: return try onlineCPUs().cpus.map { .cpu($0) }
    case .device, .rxQueue, .txQueue, .napi, .irq:
      var targets: [Target] = []
      for device in devices { targets += try self.targets(of: knob, on: device, answers) }
      return targets
    }
  }

  private func targets(
    of knob: Knob, on device: String, _ answers: SharedAnswers
  ) throws(KernelError) -> [Target] {
    switch knob.scope {
    case .rxQueue: try queueNumbers(device, .rx).map { .queue(device: device, .rx, $0) }
    case .txQueue: try queueNumbers(device, .tx).map { .queue(device: device, .tx, $0) }
    case .napi: try answers.napis(device, from: self).map { .napi(device: device, id: $0.id) }
    case .irq: try interrupts(device).map { .irq($0) }
    case .device: [.device(device)]
    case .host, .namespace, .cpu, .socket: []
    }
  }

  /// Queues as /sys/class/net/DEV/queues lists them.
  package func queueNumbers(
    _ device: String, _ direction: Target.Direction
  ) throws(KernelError) -> [Int] {
    guard Self.isDeviceName(device) else {
      throw KernelError("list", "queues of \(device)", .noDevice)
    }
    let prefix = direction.rawValue + "-"
    return try kernel.list(.sys("class/net/\(device)/queues"))
      .compactMap { $0.hasPrefix(prefix) ? Int($0.dropFirst(prefix.count)) : nil }
      .filter { $0 >= 0 }.sorted()
  }

  /// Interrupts of the bus device behind a network device: its own, or for virtio its parent's.
  /// None where there is no such device (veth, tun).
  package func interrupts(_ device: String) throws(KernelError) -> [Int] {
    guard Self.isDeviceName(device) else {
      throw KernelError("list", "interrupts of \(device)", .noDevice)
    }
    for place in ["device/msi_irqs", "device/../msi_irqs"] {
      do {
        return try kernel.list(.sys("class/net/\(device)/\(place)")).compactMap { Int($0) }.sorted()
      } catch {
        guard error.kind == .absent else { throw error }
      }
    }
    return []
  }

  package func onlineCPUs() throws(KernelError) -> CPUSet {
    let path = KernelPath.sys("devices/system/cpu/online")
    let text = try kernel.text(path)
    guard let cpus = CPUSet(list: text) else {
      throw KernelError(
        path.description,
        .init(path.description, offset: 0, "\"\(text.prefix(80))\" is no list of CPUs"))
    }
    return cpus
  }
}
