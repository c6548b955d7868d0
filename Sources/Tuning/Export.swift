import Knobs

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

  package private(set) var text = ""
  /// Settings that the format cannot express.
  package private(set) var left: [Setting] = []

  /// - Parameter settings: all of one device, or of the host.
  package init(_ settings: [Setting], device: String, format: Format) {
    var lines: [String] = []
    for setting in settings {
      if let line = Self.line(setting, device, format) {
        lines.append(line)
      } else {
        left.append(setting)
      }
    }
    text = Self.document(lines, device, format)
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
      guard setting.place == .device(device), let key = systemdKeys[knob.id] else { return nil }
      // Its times are seconds where no unit stands.
      let unit = knob.unit == .microseconds ? "us" : ""
      return "\(key)=\(setting.value.systemdText)\(unit)"
    case .networkManager:
      guard setting.place == .device(device) else { return nil }
      return networkManager(knob, setting.value)
    }
  }

  private static func document(_ lines: [String], _ device: String, _ format: Format) -> String {
    guard !lines.isEmpty else { return "" }
    let head: [String] =
      switch format {
      case .sysctl: []
      case .ethtool: ["#!/bin/sh -e"]
      case .systemdLink: ["[Match]", "OriginalName=\(device)", "", "[Link]"]
      case .networkManager: ["[ethtool]"]
      }
    return (head + lines).joined(separator: "\n") + "\n"
  }

  // MARK: - Words

  private static func plain(_ value: KnobValue) -> String {
    switch value {
    case .flag(let on): on ? "1" : "0"
    // The kernel's files take masks.
    case .cpus(let cpus): cpus.mask
    case .number, .text: value.description
    }
  }

  private static func ethtool(_ knob: Knob, _ value: KnobValue, _ device: String) -> String? {
    let name = String(knob.id.dropFirst(knob.group.count + 1))
    switch knob.access {
    case .ethtool(.channels, _, _): return "ethtool -L \(device) \(name) \(value.description)"
    case .ethtool(.rings, _, _), .ethtoolFlag(.rings, _), .ethtoolChoice(.rings, _):
      return "ethtool -G \(device) \(name) \(value.description)"
    case .ethtool(.coalesce, _, _), .ethtoolFlag(.coalesce, _):
      return "ethtool -C \(device) \(name) \(value.description)"
    case .ethtoolFlag(.pause, _): return "ethtool -A \(device) \(name) \(value.description)"
    case .feature(let feature): return "ethtool -K \(device) \(feature) \(value.description)"
    case .rss(.indirection):
      guard case .text(let text) = value else { return nil }
      let words = text.split(separator: " ")
      if words.count == 4, words[2] == "from" {
        return "ethtool -X \(device) start \(words[3]) equal \(words[1])"
      }
      return text == "default" || text.hasPrefix("equal ") ? "ethtool -X \(device) \(text)" : nil
    case .rss(.key): return "ethtool -X \(device) hkey \(value.description)"
    case .rss(.hashFunction): return "ethtool -X \(device) hfunc \(value.description)"
    default: return nil
    }
  }

  private static let systemdKeys: [String: String] = [
    "link.mtu": "MTUBytes", "link.tx-queue-len": "TransmitQueueLength",
    "channels.rx": "RxChannels", "channels.tx": "TxChannels", "channels.other": "OtherChannels",
    "channels.combined": "CombinedChannels", "rings.rx": "RxBufferSize",
    "rings.tx": "TxBufferSize", "rings.rx-mini": "RxMiniBufferSize",
    "rings.rx-jumbo": "RxJumboBufferSize", "coalesce.rx-usecs": "RxCoalesceSec",
    "coalesce.rx-usecs-irq": "RxCoalesceIrqSec", "coalesce.tx-usecs": "TxCoalesceSec",
    "coalesce.tx-usecs-irq": "TxCoalesceIrqSec", "coalesce.rx-frames": "RxMaxCoalescedFrames",
    "coalesce.rx-frames-irq": "RxMaxCoalescedIrqFrames",
    "coalesce.tx-frames": "TxMaxCoalescedFrames",
    "coalesce.tx-frames-irq": "TxMaxCoalescedIrqFrames",
    "coalesce.adaptive-rx": "UseAdaptiveRxCoalesce",
    "coalesce.adaptive-tx": "UseAdaptiveTxCoalesce", "features.rx-gro": "GenericReceiveOffload",
    "features.rx-gro-hw": "GenericReceiveOffloadHardware",
    "features.rx-lro": "LargeReceiveOffload", "features.rx-checksum": "ReceiveChecksumOffload",
    "features.rx-ntuple-filter": "NTupleFilter", "pause.rx": "RxFlowControl",
    "pause.tx": "TxFlowControl", "pause.autoneg": "AutoNegotiationFlowControl",
  ]

  private static func networkManager(_ knob: Knob, _ value: KnobValue) -> String? {
    let name = String(knob.id.dropFirst(knob.group.count + 1))
    let flag = value == .flag(true) ? "true" : "false"
    switch knob.id {
    case "channels.rx", "channels.tx", "channels.other", "channels.combined":
      return "channels-\(name)=\(value.description)"
    case "rings.rx", "rings.tx", "rings.rx-mini", "rings.rx-jumbo":
      return "ring-\(name)=\(value.description)"
    case "coalesce.adaptive-rx", "coalesce.adaptive-tx":
      return "coalesce-\(name)=\(value == .flag(true) ? 1 : 0)"
    case "features.rx-gro": return "feature-gro=\(flag)"
    case "features.rx-lro": return "feature-lro=\(flag)"
    case "features.rx-checksum": return "feature-rx=\(flag)"
    case "features.rx-hashing": return "feature-rxhash=\(flag)"
    case "features.rx-ntuple-filter": return "feature-ntuple=\(flag)"
    case "features.rx-gro-hw": return "feature-rx-gro-hw=\(flag)"
    case "features.rx-gro-list": return "feature-rx-gro-list=\(flag)"
    case "features.rx-udp-gro-forwarding": return "feature-rx-udp-gro-forwarding=\(flag)"
    case "pause.rx", "pause.tx", "pause.autoneg": return "pause-\(name)=\(flag)"
    default:
      guard knob.group == "coalesce", knob.form == .number, !name.contains("cqe"),
        !name.contains("aggr")
      else { return nil }
      return "coalesce-\(name)=\(value.description)"
    }
  }
}

extension KnobValue {
  fileprivate var systemdText: String {
    if case .flag(let on) = self { return on ? "yes" : "no" }
    return description
  }
}
