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
    func each(
      _ places: (String) throws(KernelError) -> [Place]
    ) throws(KernelError) -> [Place] {
      var all: [Place] = []
      for device in devices { all += try places(device) }
      return all
    }
    return switch knob.scope {
    case .host, .namespace: [.host]
    case .socket: []
    case .cpu: try onlineCPUs().cpus.map { .cpu($0) }
    case .device: devices.map { .device($0) }
    case .rxQueue:
      try each { device throws(KernelError) in
        try queueNumbers(device, answers).rx.map { .queue(device: device, .rx, $0) }
      }
    case .txQueue:
      try each { device throws(KernelError) in
        try queueNumbers(device, answers).tx.map { .queue(device: device, .tx, $0) }
      }
    case .napi:
      try each { device throws(KernelError) in
        try answers.napis(device, from: self).map { .napi(device: device, id: $0.id) }
      }
    case .irq:
      try each { device throws(KernelError) in
        try interrupts(device, answers).map { Place(.irq($0), of: device) }
      }
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
