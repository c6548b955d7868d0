package import Knobs
import ReceivePath
import Tuning

/// `rxtune explain`: knobs in full; JSON is the catalogue's.
package struct KnobExplanations: Document, Sendable {
  private let knobs: [Knob]

  package init(_ knobs: [Knob]) {
    self.knobs = knobs
  }

  package var lines: [String] {
    Array(knobs.map { KnobExplanation($0).lines() }.joined(separator: [""]))
  }

  package static let shape = KnobList.shape.from { (explained: KnobExplanations) in
    KnobList(explained.knobs)
  }
}

/// A knob in full, for `explain` and the manual: what it is, and what a reader must know first.
package struct KnobExplanation {
  package var knob: Knob

  package init(_ knob: Knob) {
    self.knob = knob
  }

  /// Names and values of its properties, in the order that they are read.
  package var properties: [(name: String, text: String)] {
    let all: [(String, String?)] = [
      ("Stage", knob.stage.title),
      ("Scope", knob.scope.summary),
      ("Value", value),
      ("Policies", policies),
      ("Default", knob.defaultValue),
      ("Lives in", place),
      ("Applied", settling),
      ("Risk", risks),
      ("Resets", knob.invalidates.isEmpty ? nil : resets),
      ("Also called", knob.aliases.isEmpty ? nil : knob.aliases.joined(separator: ", ")),
      ("Since", knob.since.map { $0.hasPrefix("~") ? "about \($0.dropFirst())" : $0 }),
      ("Document", knob.document.hasSuffix(")") ? knob.document : "Documentation/\(knob.document)"),
    ]
    return all.compactMap { name, text in text.map { (name, $0) } }
  }

  /// The explanation as lines of at most `width` columns.
  package func lines(width: Int = 80) -> [String] {
    var lines = Self.wrap("\(knob.id) – \(knob.summary).", width: width)
    if let notes = knob.notes {
      lines.append("")
      lines += Self.wrap(notes, width: width)
    }
    lines.append("")
    for (name, text) in properties {
      let label = "  " + name + String(repeating: " ", count: max(1, 13 - name.count))
      let body = Self.wrap(text, width: width - 15)
      for (index, line) in body.enumerated() {
        lines.append((index == 0 ? label : String(repeating: " ", count: 15)) + line)
      }
    }
    return lines
  }

  /// Breaks `text` at spaces; a word longer than a line stays whole.
  package static func wrap(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty && Terminal.width(line) + 1 + Terminal.width(String(word)) > width {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    if !line.isEmpty { lines.append(line) }
    return lines
  }

  // MARK: Parts

  private var value: String {
    let unit = knob.unit.rawValue
    let text =
      switch knob.form {
      case .flag: "on or off"
      case .set: "a list of \(unit) such as 0-3,8, or none"
      case .number:
        (knob.unit == .number ? "a number, " : "\(unit), ") + knob.range.text()
      case .numbers:
        "\(knob.fields.joined(separator: ", ")): \(unit), \(knob.range.text())"
      default: knob.range == .any ? "text" : "one of " + knob.range.text()
      }
    return knob.isWritable ? text : text + "; read-only"
  }

  /// What chooses a value by the machine, where there is more than to turn it off.
  private var policies: String? {
    let policies = Policy.suiting(knob).filter { !$0.turnsOff }
    guard knob.isWritable, !policies.isEmpty else { return nil }
    return policies.map { "\($0.name) (\($0.summary))" }.joined(separator: "; ")
  }

  private var settling: String? {
    switch knob.settles {
    case .exact: nil
    case .rounded: "rounded up to a power of two"
    case .clamped: "clamped silently to what the driver supports"
    case .later: "at the next event: an interrupt, a new socket or a new device"
    }
  }

  private var risks: String? {
    guard !knob.risks.isEmpty else { return nil }
    return Knob.Risk.allCases.filter(knob.risks.contains).map { risk in
      switch risk {
      case .flap: "may reopen queues, which loses packets and may flap the link"
      case .resets: "resets other settings"
      case .host: "affects the whole host"
      case .burn: "spends CPU time whether packets arrive or not"
      case .memory: "takes memory in proportion to the value"
      }
    }.joined(separator: "; ")
  }

  private var resets: String {
    knob.invalidates.map(\.description).joined(separator: ", ")
  }

  private var place: String {
    switch knob.access {
    case .sysctl(let path): "/proc/sys/\(path)"
    case .deviceFile(let file): "/sys/class/net/DEV/\(file)"
    case .queueFile(let file):
      "/sys/class/net/DEV/queues/\(knob.scope == .rxQueue ? "rx" : "tx")-N/\(file)"
    case .irqFile(let file): "/proc/irq/N/\(file)"
    case .irqDefault(let file): "/proc/irq/\(file)"
    case .cpuFile(let file): "/sys/devices/system/cpu/cpuN/\(file)"
    case .idleStates: "/sys/devices/system/cpu/cpuN/cpuidle/stateM/disable"
    case .ethtool(let message, _, _), .ethtoolFlag(let message, _), .ethtoolChoice(let message, _):
      "ethtool netlink, \(message.name)-get and -set"
    case .moderationProfile: "ethtool netlink, coalesce-get and -set"
    case .privateFlags: "ethtool netlink, \(Knob.EthtoolMessage.privateFlags.name)-get and -set"
    case .feature(let name): "ethtool netlink, features-get and -set, bit \(name)"
    case .link: "rtnetlink, getlink and setlink"
    case .napi: "netdev netlink, napi-get and napi-set"
    case .tunable: "ioctl, ETHTOOL_GTUNABLE and ETHTOOL_STUNABLE"
    case .queueCoalesce: "ioctl, ETHTOOL_PERQUEUE"
    case .rss: "ethtool netlink, rss-get and rss-set; ioctl ETHTOOL_SRSSH before 6.17"
    case .flowRules: "ioctl, ETHTOOL_GRXCLSRLALL"
    case .socketOption(let level, let option):
      "setsockopt(2), level \(level), option \(option)"
    case .epollParameters(let field): "ioctl(2) EPIOCSPARAMS, \(field)"
    case .latencyRequest: "/dev/cpu_dma_latency"
    case .derived: "derived from other settings"
    }
  }
}
