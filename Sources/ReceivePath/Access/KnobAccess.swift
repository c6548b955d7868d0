package import KernelIO
package import Knobs
import Netlink

/// Reading and writing any knob of the catalogue, at any place in the kernel's names of now: files
/// by `FileKnob`, messages of a device by `DeviceKnob` and `RSSKnob`, several values of one message
/// by `KnobBatch`. A new kind of `Knob.Access` has its branches here.
extension Host {
  /// A knob's value at a place.
  ///
  /// - Parameter answers: what other knobs of the same message found; one's own by default.
  /// - Throws: what the kernel said. Where the device, the driver or the kernel lacks the knob,
  ///   and for knobs that programs set for themselves, EOPNOTSUPP or ENOENT.
  package func read(
    _ knob: Knob, at place: Place, sharing answers: SharedAnswers = SharedAnswers()
  ) throws(KernelError) -> KnobReading {
    if let path = Self.file(of: knob, at: place) {
      try checkSysfs(of: place, answers)
      return try readFile(knob, path)
    }
    switch knob.access {
    case .latencyRequest: if place == .host { return try latencyRequest() }
    case .idleStates:
      if case .cpu(let cpu) = place.part { return try disabledIdleStates(cpu) }
    case .napi(let attribute):
      if case .napiID(let id) = place.part, let device = place.device {
        return try readNAPI(knob, attribute, device, id, answers)
      }
    case .queueCoalesce(let attribute):
      if case .queue(_, let queue) = place.part, let device = place.device {
        return try readQueueCoalescing(knob, attribute, device, queue, answers)
      }
    case .ethtool, .ethtoolFlag, .ethtoolChoice, .moderationProfile, .feature, .link, .tunable,
      .rss, .flowRules, .privateFlags, .derived:
      if case .whole = place.part, let device = place.device {
        return try readDevice(knob, device, answers)
      }
    // Files at no place of theirs, and what is no business of others'.
    case .sysctl, .deviceFile, .queueFile, .irqFile, .irqDefault, .cpuFile, .socketOption,
      .epollParameters:
      break
    }
    throw Self.misplaced(knob, place)
  }

  /// Sets a knob at a place. What the kernel made of it, only reading back tells.
  ///
  /// - Parameter answers: what is known of the device already.
  /// - Throws: what the kernel said; EINVAL where the value is none of the knob's.
  package func write(
    _ knob: Knob, _ value: KnobValue, at place: Place,
    sharing answers: SharedAnswers = SharedAnswers()
  ) throws(KernelError) {
    guard knob.isWritable else {
      throw KernelError("write", "\(knob.id) \(place)", .notPermitted)
    }
    guard knob.takes(value) else { throw Self.misplaced(knob, place) }
    if let path = Self.file(of: knob, at: place) {
      try checkSysfs(of: place, answers)
      return try kernel.write(path, FileKnob.encode(value, path: path))
    }
    switch knob.access {
    case .idleStates:
      if case .cpu(let cpu) = place.part, case .cpus(let states) = value {
        return try setDisabledIdleStates(cpu, states)
      }
    case .napi:
      if case .napiID(let id) = place.part, let device = place.device {
        return try setNAPI(device, id: id, [(knob, value)])
      }
    case .queueCoalesce(let attribute):
      if case .queue(_, let queue) = place.part, let device = place.device {
        return try setQueueCoalescing(
          device, queue: queue, attribute: attribute, try Self.word(value, knob, place))
      }
    case .ethtool, .ethtoolFlag, .ethtoolChoice, .moderationProfile, .feature, .link, .tunable,
      .rss, .flowRules, .privateFlags:
      if case .whole = place.part, let device = place.device {
        return try writeDevice(knob, value, device)
      }
    case .sysctl, .deviceFile, .queueFile, .irqFile, .irqDefault, .cpuFile, .socketOption,
      .epollParameters, .latencyRequest, .derived:
      break
    }
    throw Self.misplaced(knob, place)
  }

  /// Below /sys/class/net there may be a namesake's files.
  private func checkSysfs(of place: Place, _ answers: SharedAnswers) throws(KernelError) {
    guard let device = place.device, place.scope != .irq else { return }
    try answers.checkSysfs(of: device, from: self)
  }

  private func readDevice(
    _ knob: Knob, _ device: String, _ answers: SharedAnswers
  ) throws(KernelError) -> KnobReading {
    switch knob.access {
    case .ethtool(let message, _, _), .ethtoolFlag(let message, _), .ethtoolChoice(let message, _):
      return try readParameter(knob, message, device, answers)
    case .moderationProfile: return try readParameter(knob, .coalesce, device, answers)
    case .feature(let name): return try readFeature(name, device, answers)
    case .link(let attribute, let minimum, let maximum):
      return try readLink(knob, attribute, minimum, maximum, device, answers)
    case .tunable(let id):
      return KnobReading(.number(Int64(try tunable(device, id))), origin: "ioctl ETHTOOL_GTUNABLE")
    case .privateFlags: return try readPrivateFlags(device)
    case .rss(let part): return try readRSS(part, device, answers)
    case .flowRules:
      return KnobReading(
        .rules(FlowRuleTable(try flowRules(device))), origin: "ioctl ETHTOOL_GRXCLSRLALL")
    case .derived: return try acceleratedRFS(device, answers)
    case .sysctl, .deviceFile, .queueFile, .irqFile, .irqDefault, .cpuFile, .idleStates, .napi,
      .queueCoalesce, .socketOption, .epollParameters, .latencyRequest:
      throw Self.misplaced(knob, .device(device))
    }
  }

  private func writeDevice(
    _ knob: Knob, _ value: KnobValue, _ device: String
  ) throws(KernelError) {
    let place = Place.device(device)
    switch knob.access {
    case .ethtool(let message, _, _), .ethtoolFlag(let message, _), .ethtoolChoice(let message, _):
      return try setEthtool(message, device, [try Self.setting(knob, value, place)])
    case .moderationProfile:
      return try setEthtool(.coalesce, device, [try Self.setting(knob, value, place)])
    case .feature(let name):
      if let change = FeatureChange(name, value) { return try setFeatures(device, [change]) }
    case .link(let attribute, _, _):
      return try setLink(device, attribute: attribute, try Self.word(value, knob, place))
    case .tunable(let id): return try setTunable(device, id, try Self.word(value, knob, place))
    case .privateFlags:
      if case .privateFlags(let flags) = value { return try setPrivateFlags(device, flags) }
    case .rss(let part): return try writeRSS(part, value, device)
    case .flowRules:
      if case .rules(let table) = value, table.edit == nil {
        return try setFlowRules(device, table.rules)
      }
    case .sysctl, .deviceFile, .queueFile, .irqFile, .irqDefault, .cpuFile, .idleStates, .napi,
      .queueCoalesce, .socketOption, .epollParameters, .latencyRequest, .derived:
      break
    }
    throw Self.misplaced(knob, place)
  }

  /// A knob that does not belong to such a place, or a value of another kind.
  static func misplaced(_ knob: Knob, _ place: Place) -> KernelError {
    KernelError(
      "access", "\(knob.id) \(place)", knob.belongsToProgram ? .notSupported : .invalid)
  }

  /// A value as the 32 bits that most messages carry.
  static func word(
    _ value: KnobValue, _ knob: Knob, _ place: Place
  ) throws(KernelError) -> UInt32 {
    switch value {
    case .flag(let on): return on ? 1 : 0
    case .number(let number):
      if let word = UInt32(exactly: number) { return word }
    default: break
    }
    throw misplaced(knob, place)
  }
}
