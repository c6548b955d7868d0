package import Knobs
import Notation
import ReceivePath

/// A profile, resolved for a device, in the words of other programs; and what these have no words
/// for.
package struct Export {
  package enum Format: String, CaseIterable, Sendable {
    /// systemd.link(5)
    case systemdLink = "systemd-link"
    /// sysctl.d(5)
    case sysctl = "sysctl.d"
    /// Commands of ethtool(8)
    case ethtool
    /// The keyfile of a NetworkManager connection, nm-settings-keyfile(5)
    case networkManager = "networkmanager"
  }

  /// A knob that the format cannot express, and at which places.
  package struct Omission: Hashable, Sendable {
    package var knob: Knob
    package var places: [Place]
    package var reason: String

    /// "queue.rps-cpus on rx-0 to rx-3: one mask for all queues".
    package var description: String {
      let names = Self.names(places)
      return knob.id + (names.isEmpty ? "" : " on \(names)") + ": \(reason)"
    }

    /// Queues and NAPI instances in runs; nothing where the place is the device or the host.
    private static func names(_ places: [Place]) -> String {
      let parts = places.map(\.part).filter { $0 != .whole }
      return PlaceRange.all(parts.map { Place($0) }).map(\.description).joined(separator: ", ")
    }
  }

  package private(set) var text = ""
  /// What the format cannot express, by knob.
  package private(set) var omissions: [Omission] = []

  /// - Parameters:
  ///   - settings: all of one device, or of the host.
  ///   - receiveQueues: how many the device has.
  package init(
    _ settings: [Setting], device: String, receiveQueues: Int, linkFile: LinkFile, format: Format
  ) {
    var lines: [String] = []
    var isSteeringSaid = false
    for setting in settings {
      if format == .systemdLink, setting.knob == .rpsCPUs,
        let steering = Self.steering(settings, receiveQueues)
      {
        if !isSteeringSaid { lines += steering }
        isSteeringSaid = true
      } else if let line = Self.line(setting, device, format) {
        lines.append(line)
      } else {
        omit(setting, format)
      }
    }
    guard !lines.isEmpty else { return }
    text = Self.document(lines, device, linkFile, format, omissions)
  }

  private mutating func omit(_ setting: Setting, _ format: Format) {
    if let index = omissions.firstIndex(where: { $0.knob == setting.knob }) {
      omissions[index].places.append(setting.place)
      return
    }
    let reason: String =
      switch format {
      case .systemdLink where setting.knob == .rpsCPUs:
        "systemd.link has one mask for all queues"
      case .systemdLink where setting.place == .host, .ethtool where setting.place == .host,
        .networkManager where setting.place == .host:
        "not the device's; --format sysctl.d has what sysctl can set"
      case .systemdLink: "systemd.link has no key for it"
      case .sysctl: "no sysctl"
      case .ethtool: "ethtool has no option for it"
      case .networkManager: "NetworkManager has no property for it"
      }
    omissions.append(Omission(knob: setting.knob, places: [setting.place], reason: reason))
  }

  /// RPS of all queues, where they share one set.
  private static func steering(_ settings: [Setting], _ queues: Int) -> [String]? {
    let steering = settings.filter { $0.knob == .rpsCPUs }
    guard steering.count == queues, case .cpus(let cpus)? = steering.first?.value,
      steering.allSatisfy({ $0.value == .cpus(cpus) })
    else { return nil }
    return [
      "# systemd 256 or newer",
      "ReceivePacketSteeringCPUMask=\(cpus.isEmpty ? "disable" : cpus.list)",
    ]
  }

  private static func line(_ setting: Setting, _ device: String, _ format: Format) -> String? {
    let knob = setting.knob
    switch format {
    case .sysctl:
      guard case .sysctl = knob.access else { return nil }
      return "\(knob.id) = \(plain(setting.value))"
    case .ethtool:
      guard setting.place == .device(device) else { return nil }
      return ethtool(knob, setting.value, device)
    case .systemdLink:
      guard setting.place == .device(device), let key = systemdKeys[knob] else { return nil }
      // Its times are seconds where no unit stands.
      let unit = knob.unit == .microseconds ? "us" : ""
      return "\(key)=\(setting.value.systemdText)\(unit)"
    case .networkManager:
      guard setting.place == .device(device) else { return nil }
      return networkManager(knob, setting.value)
    }
  }

  private static func document(
    _ lines: [String], _ device: String, _ linkFile: LinkFile, _ format: Format,
    _ omissions: [Omission]
  ) -> String {
    let head: [String] =
      switch format {
      case .sysctl: []
      case .ethtool: ["#!/bin/sh -e"]
      case .systemdLink: head(lines, device, linkFile)
      case .networkManager: ["[ethtool]"]
      }
    let rest = omissions.map { "# \($0.description)" }
    return (head + lines + rest).joined(separator: "\n") + "\n"
  }

  private static func head(
    _ lines: [String], _ device: String, _ linkFile: LinkFile
  ) -> [String] {
    var head = ["# /etc/systemd/network/\(LinkFile.name(device))"]
    head.append(
      linkFile.displaced.map { "# Applies instead of \($0), and keeps the rest of it." }
        ?? "# Applies instead of any other .link file; keeps what 99-default.link of systemd says.")
    head += linkFile.undecided.map {
      "# \($0) may match the device; if it does, take over its [Link]."
    }
    let keys = lines.map { $0.prefix { $0 != "=" } }
    let kept = linkFile.kept.filter { line in
      !keys.contains { $0 == line.prefix { $0 != "=" } }
    }
    return head + ["[Match]"] + linkFile.match + ["", "[Link]"] + kept
  }

  // MARK: - Words

  private static func plain(_ value: KnobValue) -> String {
    switch value {
    case .flag(let on): on ? "1" : "0"
    // The kernel's files take masks.
    case .cpus(let cpus): cpus.mask
    default: value.description
    }
  }

  private static func ethtool(_ knob: Knob, _ value: KnobValue, _ device: String) -> String? {
    let name = knob.name
    switch knob.access {
    case .ethtool(let message, _, _), .ethtoolFlag(let message, _), .ethtoolChoice(let message, _):
      return message.ethtoolOption.map { "ethtool \($0) \(device) \(name) \(value.description)" }
    case .feature(let feature): return "ethtool -K \(device) \(feature) \(value.description)"
    case .rss(.indirection):
      switch value {
      case .table(.equal(let queues, let first)) where first > 0:
        return "ethtool -X \(device) start \(first) equal \(queues)"
      case .table(.equal), .table(.driver): return "ethtool -X \(device) \(value.description)"
      default: return nil
      }
    case .rss(.key): return "ethtool -X \(device) hkey \(value.description)"
    case .rss(.hashFunction): return "ethtool -X \(device) hfunc \(value.description)"
    case .rss(.inputTransform), .rss(.hashFields), .rss(.contexts), .sysctl, .deviceFile,
      .queueFile, .irqFile, .irqDefault, .cpuFile, .idleStates, .moderationProfile, .link, .napi,
      .tunable, .queueCoalesce, .flowRules, .privateFlags, .socketOption, .epollParameters,
      .latencyRequest, .derived:
      return nil
    }
  }

  private static let systemdKeys: [Knob: String] = [
    .mtu: "MTUBytes", .txQueueLength: "TransmitQueueLength",
    .channelsRx: "RxChannels", .channelsTx: "TxChannels", .channelsOther: "OtherChannels",
    .channelsCombined: "CombinedChannels", .ringsRx: "RxBufferSize",
    .ringsTx: "TxBufferSize", .ringsRxMini: "RxMiniBufferSize",
    .ringsRxJumbo: "RxJumboBufferSize", .coalesceRxUsecs: "RxCoalesceSec",
    .coalesceRxUsecsIRQ: "RxCoalesceIrqSec", .coalesceTxUsecs: "TxCoalesceSec",
    .coalesceTxUsecsIRQ: "TxCoalesceIrqSec", .coalesceRxFrames: "RxMaxCoalescedFrames",
    .coalesceRxFramesIRQ: "RxMaxCoalescedIrqFrames",
    .coalesceTxFrames: "TxMaxCoalescedFrames",
    .coalesceTxFramesIRQ: "TxMaxCoalescedIrqFrames",
    .coalesceRxUsecsLow: "RxCoalesceLowSec", .coalesceRxUsecsHigh: "RxCoalesceHighSec",
    .coalesceTxUsecsLow: "TxCoalesceLowSec", .coalesceTxUsecsHigh: "TxCoalesceHighSec",
    .coalesceRxFramesLow: "RxMaxCoalescedLowFrames",
    .coalesceRxFramesHigh: "RxMaxCoalescedHighFrames",
    .coalesceTxFramesLow: "TxMaxCoalescedLowFrames",
    .coalesceTxFramesHigh: "TxMaxCoalescedHighFrames",
    .coalescePacketRateLow: "CoalescePacketRateLow",
    .coalescePacketRateHigh: "CoalescePacketRateHigh",
    .coalesceStatsBlockUsecs: "StatisticsBlockCoalesceSec",
    .coalesceAdaptiveRx: "UseAdaptiveRxCoalesce",
    .coalesceAdaptiveTx: "UseAdaptiveTxCoalesce", .featureGRO: "GenericReceiveOffload",
    .featureHardwareGRO: "GenericReceiveOffloadHardware",
    .featureLRO: "LargeReceiveOffload", .featureRxChecksum: "ReceiveChecksumOffload",
    .featureNTupleFilter: "NTupleFilter", .pauseRx: "RxFlowControl",
    .pauseTx: "TxFlowControl", .pauseAutonegotiation: "AutoNegotiationFlowControl",
  ]

  private static func networkManager(_ knob: Knob, _ value: KnobValue) -> String? {
    let name = knob.name
    let flag = value == .flag(true) ? "true" : "false"
    switch knob {
    case .channelsRx, .channelsTx, .channelsOther, .channelsCombined:
      return "channels-\(name)=\(value.description)"
    case .ringsRx, .ringsTx, .ringsRxMini, .ringsRxJumbo:
      return "ring-\(name)=\(value.description)"
    case .coalesceAdaptiveRx, .coalesceAdaptiveTx:
      return "coalesce-\(name)=\(value == .flag(true) ? 1 : 0)"
    case .featureGRO: return "feature-gro=\(flag)"
    case .featureLRO: return "feature-lro=\(flag)"
    case .featureRxChecksum: return "feature-rx=\(flag)"
    case .featureRxHashing: return "feature-rxhash=\(flag)"
    case .featureNTupleFilter: return "feature-ntuple=\(flag)"
    case .featureHardwareGRO: return "feature-rx-gro-hw=\(flag)"
    case .featureGROList: return "feature-rx-gro-list=\(flag)"
    case .featureUDPGROForwarding: return "feature-rx-udp-gro-forwarding=\(flag)"
    case .pauseRx, .pauseTx, .pauseAutonegotiation: return "pause-\(name)=\(flag)"
    default:
      guard knob.group == .coalesce, knob.form == .number, !name.mentions("cqe"),
        !name.mentions("aggr")
      else { return nil }
      return "coalesce-\(name)=\(value.description)"
    }
  }
}

extension Knob.EthtoolMessage {
  /// What ethtool(8) sets a member of the message by.
  fileprivate var ethtoolOption: String? {
    switch self {
    case .channels: "-L"
    case .rings: "-G"
    case .coalesce: "-C"
    case .pause: "-A"
    case .privateFlags: nil
    }
  }
}

extension KnobValue {
  fileprivate var systemdText: String {
    if case .flag(let on) = self { return on ? "yes" : "no" }
    return description
  }
}
