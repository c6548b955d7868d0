import Knobs
import ReceivePath

/// Values that mean something together only: each may be taken, and be for nothing without the
/// other, as it is planned or as it is now.
package struct Prerequisites {
  private let wanted: [Setting]
  /// nil for a profile by itself, that is on no device yet.
  private let settings: (any Settings)?
  package private(set) var caveats: [Caveat] = []

  init(_ plan: Plan, _ settings: any Settings) {
    wanted = plan.changes.map(\.setting) + plan.satisfied
    self.settings = settings
    for setting in wanted { check(setting) }
  }

  package init(_ profile: Profile) {
    wanted = profile.requests.flatMap { request in
      request.values.map {
        Setting(request.knob, at: request.knob.isOfDevice ? .device("") : .host, $0)
      }
    }
    settings = nil
    for setting in wanted { check(setting) }
  }

  private mutating func check(_ setting: Setting) {
    switch (setting.knob, setting.value) {
    case (.coalesceRxUsecs, _), (.coalesceRxFrames, _):
      checkModeration(setting, .coalesceAdaptiveRx)
    case (.coalesceTxUsecs, _), (.coalesceTxFrames, _):
      checkModeration(setting, .coalesceAdaptiveTx)
    case (.queueCoalesceRxUsecs, _), (.queueCoalesceRxFrames, _):
      checkModeration(setting, .queueCoalesceAdaptiveRx)
    case (.queueCoalesceTxUsecs, _), (.queueCoalesceTxFrames, _):
      checkModeration(setting, .queueCoalesceAdaptiveTx)
    case (.deviceDeferHardIRQs, .number(1...)):
      need(.deviceGROFlushTimeout, of: setting, "does nothing")
    case (.napiDeferHardIRQs, .number(1...)):
      need(.napiGROFlushTimeout, of: setting, "does nothing")
    case (.deviceGROFlushTimeout, .number(1...)):
      need(.deviceDeferHardIRQs, of: setting, "defers no interrupt")
    case (.napiGROFlushTimeout, .number(1...)):
      need(.napiDeferHardIRQs, of: setting, "defers no interrupt")
    case (.rpsFlowCount, .number(1...)):
      need(.rpsSockFlowEntries, of: setting, "does nothing", at: .host)
    case (.featureGRO, .flag(false)), (.featureHardwareGRO, .flag(false)),
      (.featureLRO, .flag(false)):
      checkPorts(setting)
    case (.channelsRx, .number(let count)), (.channelsCombined, .number(let count)):
      checkXDP(setting, count)
    case (.channelsTx, .number(let count)): checkXDPOfPeer(setting, count)
    default: break
    }
  }

  /// As planned, or as it is.
  private func value(_ knob: Knob, at place: Place) -> KnobValue? {
    if let planned = wanted.first(where: { $0.knob == knob && $0.place == place }) {
      return planned.value
    }
    return try? settings?.read(knob, at: place)
  }

  /// Adaptive moderation chooses the delay anew with the rate (networking/net_dim.rst).
  private mutating func checkModeration(_ setting: Setting, _ adaptive: Knob) {
    guard value(adaptive, at: setting.place) == .flag(true), let device = setting.place.device
    else { return }
    note(
      setting, "has no effect while \(adaptive.id) is on",
      settings == nil
        ? "Turn that off, or leave this out"
        : "Turn that off as well: rxtune set \(adaptive.id)=off \(setting.knob.id)="
          + "\(setting.value.description) \(device)")
  }

  /// - Parameter place: of the other knob, where that is not the setting's own.
  private mutating func need(
    _ other: Knob, of setting: Setting, _ effect: String, at place: Place? = nil
  ) {
    switch value(other, at: place ?? setting.place) {
    case .number(0)?:
      note(setting, "\(effect) while \(other.id) is 0", "See rxtune explain \(other.id)")
    case nil where settings == nil:
      note(
        setting, "\(effect) unless \(other.id) is set, and the profile does not set it",
        "See rxtune explain \(other.id)")
    default: return
    }
  }

  /// What merges are the devices below: a bond's own switch leaves theirs as they are.
  private mutating func checkPorts(_ setting: Setting) {
    // What carries a tunnel merges its outer packets, which are others.
    guard let device = setting.place.device, let below = settings?.devicesBelow(device),
      below.relation != .carrier
    else { return }
    let merging = below.names.filter {
      value(setting.knob, at: .device($0)) == .flag(true)
    }
    guard !merging.isEmpty else { return }
    note(
      setting,
      "below it, \(merging.joined(separator: ", ")) still merge\(merging.count == 1 ? "s" : "") packets",
      "Turn it off there as well: rxtune set \(setting.knob.id)=off "
        + merging.joined(separator: " "))
  }

  /// A native XDP program needs a queue for each CPU or each of the sender's: drivers refuse fewer.
  private mutating func checkXDP(_ setting: Setting, _ count: Int64) {
    guard let device = setting.place.device, let settings, let link = settings.link(device),
      link.runsXDPInDriver,
      case .number(let old)? = try? settings.read(setting.knob, at: setting.place), count < old
    else { return }
    // veth_set_channels: as many as the peer sends on (drivers/net/veth.c).
    if link.kind == "veth", let peer = settings.peer(of: link),
      case .number(let sent)? = value(.channelsTx, at: .device(peer)), count < sent
    {
      caveats.append(
        Caveat(
          .impossible, setting.knob, at: setting.place,
          "an XDP program is attached, and needs a receive queue for each of \(peer)'s \(sent) "
            + "transmit queues",
          remedy: "Fewer there first: rxtune channels \(peer) tx=\(count); or detach it: "
            + "ip link set \(device) xdp off"))
      return
    }
    note(
      setting, "an XDP program is attached: the driver may refuse fewer channels",
      "If it does, detach the program first: ip link set \(device) xdp off")
  }

  /// The same rule from the other end: what is sent on needs a queue where the program is.
  private mutating func checkXDPOfPeer(_ setting: Setting, _ count: Int64) {
    guard let device = setting.place.device, let settings, let link = settings.link(device),
      link.kind == "veth", let peer = settings.peer(of: link),
      settings.link(peer)?.runsXDPInDriver == true,
      case .number(let received)? = value(.channelsRx, at: .device(peer)), count > received
    else { return }
    caveats.append(
      Caveat(
        .impossible, setting.knob, at: setting.place,
        "an XDP program is attached to \(peer), which has \(received) receive queue\(received == 1 ? "" : "s") for it",
        remedy: "More there first: rxtune channels \(peer) rx=\(count); or detach it: "
          + "ip link set \(peer) xdp off"))
  }

  private mutating func note(_ setting: Setting, _ text: String, _ remedy: String) {
    let place: Place? = settings == nil ? nil : setting.place
    caveats.append(Caveat(.note, setting.knob, at: place, text, remedy: remedy))
  }
}

extension Link {
  fileprivate var runsXDPInDriver: Bool { [.native, .multiple].contains(xdp?.mode) }
}

extension Request {
  /// What is known of its values before there is a device.
  var values: [KnobValue] {
    switch value {
    case .parsed(let value): [value]
    case .literal(let text): [try? KnobValue.parse(text, for: knob)].compactMap(\.self)
    case .each(let values): values.values.compactMap { try? KnobValue.parse($0, for: knob) }
    case .policy(.off) where knob.form == .number: [.number(0)]
    case .policy: []
    }
  }
}
