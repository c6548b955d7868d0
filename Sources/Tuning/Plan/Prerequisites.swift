import Knobs
import ReceivePath

/// Values that mean something together only: each may be taken, and be for nothing without the
/// other, as it is planned or as it is now.
package struct Prerequisites {
  private let wanted: [Setting]
  /// nil for a profile by itself, that is on no device yet.
  private let settings: (any Settings)?
  package private(set) var findings: [Finding] = []

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
    switch (setting.knob.id, setting.value) {
    case ("coalesce.rx-usecs", _), ("coalesce.rx-frames", _), ("queue.coalesce.rx-usecs", _),
      ("queue.coalesce.rx-frames", _):
      checkModeration(setting, "rx")
    case ("coalesce.tx-usecs", _), ("coalesce.tx-frames", _), ("queue.coalesce.tx-usecs", _),
      ("queue.coalesce.tx-frames", _):
      checkModeration(setting, "tx")
    case ("device.napi-defer-hard-irqs", .number(1...)):
      need("device.gro-flush-timeout", of: setting, "does nothing without")
    case ("napi.defer-hard-irqs", .number(1...)):
      need("napi.gro-flush-timeout", of: setting, "does nothing without")
    case ("device.gro-flush-timeout", .number(1...)):
      need("device.napi-defer-hard-irqs", of: setting, "defers no interrupt without")
    case ("napi.gro-flush-timeout", .number(1...)):
      need("napi.defer-hard-irqs", of: setting, "defers no interrupt without")
    case ("queue.rps-flow-cnt", .number(1...)):
      need("net.core.rps_sock_flow_entries", of: setting, "does nothing without", at: .host)
    case ("features.rx-gro", .flag(false)), ("features.rx-gro-hw", .flag(false)),
      ("features.rx-lro", .flag(false)):
      checkPorts(setting)
    case ("channels.rx", .number(let count)), ("channels.combined", .number(let count)):
      checkXDP(setting, count)
    case ("channels.tx", .number(let count)): checkXDPOfPeer(setting, count)
    default: break
    }
  }

  /// As planned, or as it is.
  private func value(_ id: String, at place: Place) -> KnobValue? {
    if let planned = wanted.first(where: { $0.key == Setting.Key(knob: id, place: place) }) {
      return planned.value
    }
    return Knob.named(id).flatMap { try? settings?.read($0, at: place) }
  }

  /// Adaptive moderation chooses the delay anew with the rate (networking/net_dim.rst).
  private mutating func checkModeration(_ setting: Setting, _ direction: String) {
    let stem = setting.knob.id.hasPrefix("queue.") ? "queue.coalesce" : "coalesce"
    let adaptive = "\(stem).adaptive-\(direction)"
    guard value(adaptive, at: setting.place) == .flag(true), let device = setting.place.device
    else { return }
    note(
      setting, "it has no effect while \(adaptive) is on",
      settings == nil
        ? "Turn that off, or leave this out"
        : "Turn that off, too: rxtune set \(adaptive)=off \(setting.knob.id)="
          + "\(setting.value.description) \(device)")
  }

  /// - Parameter place: of the other knob, where that is not the setting's own.
  private mutating func need(
    _ other: String, of setting: Setting, _ without: String, at place: Place? = nil
  ) {
    switch value(other, at: place ?? setting.place) {
    case .number(0)?:
      note(setting, "it \(without) \(other), which is 0", "See rxtune explain \(other)")
    case nil where settings == nil:
      note(
        setting, "it \(without) \(other), which the profile does not set",
        "See rxtune explain \(other)")
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
      value(setting.knob.id, at: .device($0)) == .flag(true)
    }
    guard !merging.isEmpty else { return }
    note(
      setting,
      "below it, \(merging.joined(separator: ", ")) still merge\(merging.count == 1 ? "s" : "") packets",
      "Turn it off there, too: rxtune set \(setting.knob.id)=off "
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
      case .number(let sent)? = value("channels.tx", at: .device(peer)), count < sent
    {
      findings.append(
        Finding(
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
      case .number(let received)? = value("channels.rx", at: .device(peer)), count > received
    else { return }
    findings.append(
      Finding(
        .impossible, setting.knob, at: setting.place,
        "an XDP program is attached to \(peer), which has \(received) receive queue\(received == 1 ? "" : "s") for it",
        remedy: "More there first: rxtune channels \(peer) rx=\(count); or detach it: "
          + "ip link set \(peer) xdp off"))
  }

  private mutating func note(_ setting: Setting, _ text: String, _ remedy: String) {
    let place: Place? = settings == nil ? nil : setting.place
    findings.append(Finding(.note, setting.knob, at: place, text, remedy: remedy))
  }
}

extension Link {
  fileprivate var runsXDPInDriver: Bool { [.native, .multiple].contains(xdp?.mode) }
}

extension Request {
  /// What is known of its values before there is a device.
  fileprivate var values: [KnobValue] {
    switch value {
    case .literal(let text): [try? KnobValue.parse(text, for: knob)].compactMap(\.self)
    case .each(let values): values.values.compactMap { try? KnobValue.parse($0, for: knob) }
    case .policy(.off) where knob.form == .number: [.number(0)]
    case .policy: []
    }
  }
}
