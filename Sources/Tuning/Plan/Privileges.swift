package import KernelIO
package import Knobs

/// The capabilities of this process (capabilities(7)), and what each knob needs of them.
package struct Privileges: Hashable, Sendable {
  package enum Capability: Int, Sendable, Hashable {
    case dacOverride = 1
    case netAdmin = 12

    package var name: String {
      switch self {
      case .dacOverride: "CAP_DAC_OVERRIDE"
      case .netAdmin: "CAP_NET_ADMIN"
      }
    }
  }

  private var effective: UInt64
  /// Files of /proc and /sys belong to root: it needs no capability to open them.
  private var isRoot: Bool

  package init(effective: UInt64, isRoot: Bool) {
    self.effective = effective
    self.isRoot = isRoot
  }

  /// Of the process that asks: CapEff and the effective user of /proc/self/status.
  package init(_ kernel: any Kernel) throws(KernelError) {
    self.init(effective: 0, isRoot: false)
    for line in try kernel.text(.proc("self/status")).split(separator: "\n") {
      let words = line.split(whereSeparator: { $0 == "\t" || $0 == " " })
      if words.first == "CapEff:", words.count == 2 {
        effective = UInt64(words[1], radix: 16) ?? 0
      } else if words.first == "Uid:", words.count >= 3 {
        isRoot = words[2] == "0"
      }
    }
  }

  package func holds(_ capability: Capability) -> Bool {
    effective >> UInt64(capability.rawValue) & 1 == 1
  }

  /// What is missing to write the knobs of a plan, knob by knob.
  package func caveats(_ plan: Plan) -> [Caveat] {
    var seen: Set<String> = []
    var caveats: [Caveat] = []
    for change in plan.changes where seen.insert(change.setting.knob.id).inserted {
      let missing = missing(for: change.setting.knob)
      guard !missing.isEmpty else { continue }
      caveats.append(
        Caveat(
          .impossible, change.setting.knob, at: nil,
          "writing it needs \(missing.map(\.name).joined(separator: " and "))",
          remedy: "Run as root, or with "
            + (missing.count == 1 ? "that capability." : "these capabilities.")))
    }
    return caveats
  }

  package func missing(for knob: Knob) -> [Capability] {
    Self.needed(knob).filter { capability in
      !holds(capability) && !(capability == .dacOverride && isRoot)
    }
  }

  /// Netlink and the ioctl ask for CAP_NET_ADMIN. Files of /proc/irq and cpufreq are guarded by
  /// their owner alone; those of /sys/class/net and most of /proc/sys/net by both.
  static func needed(_ knob: Knob) -> [Capability] {
    switch knob.access {
    case .ethtool, .ethtoolFlag, .ethtoolChoice, .moderationProfile, .feature, .link, .napi,
      .tunable, .queueCoalesce, .rss, .flowRules, .privateFlags:
      [.netAdmin]
    case .deviceFile, .queueFile: [.netAdmin, .dacOverride]
    case .sysctl, .irqFile, .irqDefault, .cpuFile, .idleStates, .latencyRequest: [.dacOverride]
    case .socketOption, .epollParameters, .derived: []
    }
  }
}
