package import KernelIO
package import Knobs

/// Where a knob has its values.
extension Host {
  /// The places of a knob in the kernel's names of now, in order: the host, or the parts of
  /// `devices` that have one each.
  ///
  /// - Throws: where the parts cannot be listed, the reason.
  package func places(
    of knob: Knob, on devices: [String], sharing answers: SharedAnswers = SharedAnswers()
  ) throws(KernelError) -> [Place] {
    switch knob.scope {
    case .host, .namespace: return [.host]
    case .socket: return []
    case .cpu: return try onlineCPUs().cpus.map { .cpu($0) }
    case .device, .rxQueue, .txQueue, .napi, .irq:
      var places: [Place] = []
      for device in devices { places += try self.places(of: knob, on: device, answers) }
      return places
    }
  }

  private func places(
    of knob: Knob, on device: String, _ answers: SharedAnswers
  ) throws(KernelError) -> [Place] {
    switch knob.scope {
    case .rxQueue: try queueNumbers(device, answers).rx.map { .queue(device: device, .rx, $0) }
    case .txQueue: try queueNumbers(device, answers).tx.map { .queue(device: device, .tx, $0) }
    case .napi: try answers.napis(device, from: self).map { .napi(device: device, id: $0.id) }
    case .irq: try interrupts(device, answers).map { Place(.irq($0), of: device) }
    case .device: [.device(device)]
    case .host, .namespace, .cpu, .socket: []
    }
  }

  /// Interrupts that the device's bus gave to it, else those that bear its name; none where it is
  /// virtual.
  private func interrupts(_ device: String, _ answers: SharedAnswers) throws(KernelError) -> [Int] {
    let link = try answers.link(device, from: self)
    if let given = deviceInterrupts(link).value?.numbers { return given }
    return Set(queueVectors(link).interrupts.values).sorted()
  }

  /// Queues as /sys/class/net/DEV/queues lists them.
  private func queueNumbers(
    _ device: String, _ answers: SharedAnswers
  ) throws(KernelError) -> QueueNumbers {
    try answers.checkSysfs(of: device, from: self)
    return try queueNumbers(device)
  }
}
