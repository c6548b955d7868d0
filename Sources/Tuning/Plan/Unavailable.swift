import KernelIO
import Knobs
import ReceivePath

/// What there is instead of what a plan wanted.
extension PlanDraft {
  /// Reports what could not be read where the request wants it.
  mutating func reportUnavailable(
    _ request: Request, at place: Place, _ error: KernelError, _ device: PlannedDevice?
  ) {
    let (text, remedy, isAbsent) = unavailable(request.knob, at: place, error, device?.queues)
    report(
      isAbsent && !request.isRequired ? .note : .impossible, request.knob, at: place, text,
      remedy: remedy)
  }

  /// Reports that the device has no place for the knob, or not all that it should have.
  mutating func reportNowhere(_ request: Request, _ device: PlannedDevice, isRequired: Bool) {
    let (text, remedy) = nowhere(request.knob, device)
    report(
      isRequired ? .impossible : .note, request.knob, at: .device(device.name), text,
      remedy: remedy)
  }

  /// Reports a part that the device is not going to have.
  mutating func reportMissing(
    _ part: Place.Part, _ request: Request, _ device: PlannedDevice
  ) {
    let (text, remedy) = missing(part, request.knob, device)
    report(
      request.isRequired ? .impossible : .note, request.knob, at: .device(device.name), text,
      remedy: remedy)
  }

  /// Why a knob cannot be read at a place, what to do about it, and whether it is not there, rather
  /// than out of reach.
  private func unavailable(
    _ knob: Knob, at place: Place, _ error: KernelError, _ queues: Queues?
  ) -> (text: String, remedy: String?, isAbsent: Bool) {
    let errno = error.errno.map { " (\($0))" } ?? ""
    if settings.absence(error, of: knob).reason == .notInNamespace {
      return error.errno == .stale
        ? (
          "sysfs here belongs to another network namespace",
          "Mount one of this namespace: mount -t sysfs sysfs /sys, as ip netns exec does.", false
        )
        : (
          "exists only in the host's network namespace\(errno)",
          "Run rxtune there.", true
        )
    }
    if error.kind == .notRecorded { return ("not in this capture", nil, true) }
    guard error.kind == .notSupported || error.kind == .absent else {
      return ("cannot be read: \(error)", nil, false)
    }
    // A device that went, rather than a part of it.
    if error.errno == .noDevice { return ("the device is gone\(errno)", nil, true) }
    switch knob.access {
    case .ethtool(.channels, _, _):
      return (channels(insteadOf: knob, place) ?? "the driver has no channels\(errno)", nil, true)
    case .queueFile("xps_cpus"), .queueFile("xps_rxqs"):
      if queues?.tx == 1, let device = place.device {
        return ("\(device) has one transmit queue: XPS needs two", nil, true)
      }
      return ("this kernel has no such file\(errno)", nil, true)
    case .queueFile(let file) where file.hasPrefix("byte_queue_limits"):
      return ("the driver has no byte queue limits\(errno)", nil, true)
    case .cpuFile, .idleStates:
      guard case .cpu(let cpu) = place.part, !hostLocality.online.contains(cpu) else { break }
      return ("CPU \(cpu) is not online", "Online CPUs: \(hostLocality.online.list).", true)
    case .queueFile, .deviceFile, .sysctl, .irqFile, .irqDefault, .latencyRequest:
      return ("this kernel has no such file\(errno)", nil, true)
    case .ethtool, .ethtoolFlag, .ethtoolChoice, .moderationProfile, .feature, .link, .napi,
      .tunable, .queueCoalesce, .rss, .flowRules, .privateFlags, .socketOption, .epollParameters,
      .derived:
      break
    }
    return (
      error.kind == .notSupported
        ? "the driver does not support it\(errno)" : "does not exist here\(errno)", nil, true
    )
  }

  /// "v0 has rx and tx channels, not combined".
  private func channels(insteadOf knob: Knob, _ place: Place) -> String? {
    guard place.part == .whole, let device = place.device else { return nil }
    let kinds = Knob.Group.channels.knobs.filter { other in
      guard other != knob, other.isWritable,
        (try? settings.read(other, at: place)) != nil
      else { return false }
      return (try? settings.bounds(of: other, at: place).maximum) != 0
    }.map(\.name)
    guard let last = kinds.last else { return nil }
    let rest = kinds.dropLast().joined(separator: ", ")
    return
      "\(device) has \(rest.isEmpty ? last : "\(rest) and \(last)") channels, not \(knob.name)"
  }

  /// Why a device has no place for a knob.
  private func nowhere(_ knob: Knob, _ device: PlannedDevice) -> (String, String?) {
    let (name, locality) = (device.name, device.locality)
    switch knob.scope {
    case .irq where locality.isInterrupted:
      let unknown = (0..<device.queues.rxBefore).filter { locality.vectors[$0]?.interrupted == nil }
      return (
        "the interrupt of \(Place.Direction.rx.names(unknown)) is not known"
          + (locality.whyUnknown.map { " (\($0))" } ?? ""),
        "Find them in /proc/interrupts: rxtune set irq.smp-affinity=LIST \(name) irq-N"
      )
    case .irq: return ("\(name) is a virtual device: its queues have no interrupts", nil)
    case .napi:
      return (
        "\(name) has no NAPI instances now",
        "A device that is down has none, nor a veth without GRO or XDP."
      )
    default: return ("\(name) has no \(knob.scope.plural)", nil)
    }
  }

  /// Why a device has not the part that was named.
  private func missing(
    _ part: Place.Part, _ knob: Knob, _ device: PlannedDevice
  ) -> (String, String?) {
    let (name, queues) = (device.name, device.queues)
    func instead(_ count: Int, _ direction: Place.Direction, _ plural: String) -> String {
      switch count {
      case 0: "\(name) has no \(plural)s"
      case 1: "\(name) has one \(plural), \(direction.rawValue)-0"
      default: "\(name) has \(count) \(plural)s, \(direction.names(Array(0..<count)))"
      }
    }
    switch part {
    case .queue(.rx, let queue) where queue < queues.rx: return nowhere(knob, device)
    case .queue(.rx, _): return (instead(queues.rx, .rx, "receive queue"), nil)
    case .queue(.tx, _): return (instead(queues.tx, .tx, "transmit queue"), nil)
    default: return ("\(name) has no \(part)", "Try: rxtune get \(knob.id) \(name)")
    }
  }
}
