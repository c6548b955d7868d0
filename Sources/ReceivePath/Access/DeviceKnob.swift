import KernelIO
import Knobs
import Netlink

/// Reading and writing knobs of a device, by mechanism.
extension Host {
  func readParameter(
    _ knob: Knob, _ message: Knob.EthtoolMessage, _ device: String, _ answers: SharedAnswers
  ) throws(KernelError) -> KnobReading {
    let parameters = try answers.parameters(message, device, from: self)
    let origin =
      EthtoolFamily.Command(rawValue: message.rawValue).map {
        self.origin($0, ioctl: "G\(message.ioctl?.name ?? "")")
      } ?? ""
    // A driver leaves out of the reply what it does not have.
    guard let parameter = parameters[knob.name] else {
      throw KernelError("netlink", "\(origin) \(device) \(knob.name)", .notSupported)
    }
    var reading = KnobReading(parameter.value, maximum: parameter.maximum, origin: origin)
    reading.mayBeAbsent = parameter.mayBeAbsent
    return reading
  }

  /// What is to be set of a message for a knob to have a value.
  static func setting(
    _ knob: Knob, _ value: KnobValue, _ place: Place
  ) throws(KernelError) -> EthtoolSetting {
    switch knob.access {
    case .ethtool(_, let attribute, _):
      if case .number = value { return .word(attribute, try word(value, knob, place)) }
    case .ethtoolFlag(_, let attribute):
      if case .flag(let on) = value { return .byte(attribute, on ? 1 : 0) }
    case .ethtoolChoice(_, let attribute):
      if case .word(let word) = value, case .oneOf(let words) = knob.range,
        let index = words.firstIndex(of: word)
      {
        return .byte(attribute, UInt8(clamping: index))
      }
    case .moderationProfile(let attribute):
      if case .profile(let profile) = value { return .profile(attribute, profile) }
    case .sysctl, .deviceFile, .queueFile, .irqFile, .irqDefault, .cpuFile, .idleStates, .feature,
      .link, .napi, .tunable, .queueCoalesce, .rss, .flowRules, .privateFlags, .socketOption,
      .epollParameters, .latencyRequest, .derived:
      break
    }
    throw misplaced(knob, place)
  }

  func readFeature(
    _ name: String, _ device: String, _ answers: SharedAnswers
  ) throws(KernelError) -> KnobReading {
    guard let feature = try answers.offloads(device, from: self)[name] else {
      throw KernelError("netlink", "ethtool features-get \(device) \(name)", .notSupported)
    }
    var reading = KnobReading(
      .flag(feature.isActive), isFixed: !feature.isChangeable,
      origin: self.origin(.featuresGet, ioctl: "GFEATURES"))
    reading.requested = feature.isWaiting ? .requested(feature.isWanted) : nil
    return reading
  }

  func readLink(
    _ knob: Knob, _ attribute: UInt16, _ minimum: UInt16?, _ maximum: UInt16?, _ device: String,
    _ answers: SharedAnswers
  ) throws(KernelError) -> KnobReading {
    let link = try answers.link(device, from: self)
    let origin = "rtnetlink getlink"
    guard let value = link[attribute] else {
      throw KernelError("netlink", "\(origin) \(device) \(knob.id)", .notSupported)
    }
    return KnobReading(
      .number(Int64(value)), minimum: minimum.flatMap { link[$0] }.map(Int64.init),
      maximum: maximum.flatMap { link[$0] }.map(Int64.init), origin: origin)
  }

  func readPrivateFlags(_ device: String) throws(KernelError) -> KnobReading {
    let flags = try privateFlags(device)
    let origin = self.origin(.privateFlagsGet, ioctl: "GPFLAGS")
    guard !flags.flags.isEmpty else {
      throw KernelError("netlink", "\(origin) \(device)", .notSupported)
    }
    return KnobReading(.privateFlags(flags), origin: origin)
  }

  func readNAPI(
    _ knob: Knob, _ attribute: UInt16, _ device: String, _ id: UInt32, _ answers: SharedAnswers
  ) throws(KernelError) -> KnobReading {
    let origin = "netdev napi-get"
    guard let napi = try answers.napis(device, from: self).first(where: { $0.id == id }) else {
      throw KernelError("netlink", "\(origin) \(device) \(id)", .noEntry)
    }
    guard let value = napi[attribute] else {
      throw KernelError("netlink", "\(origin) \(device) \(knob.id)", .notSupported)
    }
    guard let number = Int64(exactly: value) else {
      throw KernelError(
        origin, DecodeError("\(origin)/\(attribute)", offset: 0, "\(value) is beyond 63 bits"))
    }
    return KnobReading(.number(number), origin: origin)
  }

  /// napi-set. Numbers go in 4 bytes where they fit, which both types of the kernel's take.
  func setNAPI(
    _ device: String, id: UInt32, _ values: [(knob: Knob, value: KnobValue)]
  ) throws(KernelError) {
    var settings: [(attribute: UInt16, number: UInt64)] = []
    for (knob, value) in values {
      guard case .napi(let attribute) = knob.access, case .number(let number) = value,
        let number = UInt64(exactly: number)
      else { throw Self.misplaced(knob, .napi(device: device, id: id)) }
      settings.append((attribute, number))
    }
    try netdevSet(.napiSet, "\(device) \(id)") { writer in
      writer.put(NAPI.idAttribute, id)
      for (attribute, number) in settings {
        if let word = UInt32(exactly: number) {
          writer.put(attribute, word)
        } else {
          writer.put(attribute, number)
        }
      }
    }
  }

  func readQueueCoalescing(
    _ knob: Knob, _ attribute: UInt16, _ device: String, _ queue: Int, _ answers: SharedAnswers
  ) throws(KernelError) -> KnobReading {
    let coalescing = try answers.queueCoalescing(device, queue: queue, from: self)
    guard let value = coalescing[attribute] else {
      throw KernelError("SIOCETHTOOL", "PERQUEUE \(device) \(knob.id)", .notSupported)
    }
    return KnobReading(
      knob.form == .flag ? .flag(value != 0) : .number(Int64(value)),
      origin: "ioctl ETHTOOL_PERQUEUE")
  }

  /// /dev/cpu_dma_latency: four bytes, microseconds (power/pm_qos_interface.rst).
  func latencyRequest() throws(KernelError) -> KnobReading {
    let path = KernelPath.dev("cpu_dma_latency")
    var reader = ByteReader(try kernel.read(path), path.description)
    let value = try decoding(path.description) { () throws(DecodeError) in
      try reader.integer("the latency", as: Int32.self)
    }
    return KnobReading(.number(Int64(value)), origin: path.description)
  }

  /// Accelerated RFS works where RFS does and ntuple filters are on; whether the driver can steer,
  /// nothing tells (networking/scaling.rst).
  func acceleratedRFS(
    _ device: String, _ answers: SharedAnswers
  ) throws(KernelError) -> KnobReading {
    let ntuple = try readFeature("rx-ntuple-filter", device, answers)
    let entries = try kernel.text(.proc("sys/net/core/rps_sock_flow_entries"))
    let conditions = "features.rx-ntuple-filter and net.core.rps_sock_flow_entries"
    return KnobReading(
      .flag(ntuple.value == .flag(true) && entries != "0"), isFixed: ntuple.isFixed,
      origin: conditions)
  }
}
