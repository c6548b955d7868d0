extension Knob {
  /// Where the setting lives.
  package enum Access: Sendable, Hashable {
    /// A file below /proc/sys.
    case sysctl(String)
    /// A file below /sys/class/net/DEV.
    case deviceFile(String)
    /// A file below /sys/class/net/DEV/queues/rx-N or tx-N.
    case queueFile(String)
    /// A file below /proc/irq/N.
    case irqFile(String)
    /// A file below /proc/irq.
    case irqDefault(String)
    /// A file below /sys/devices/system/cpu/cpuN.
    case cpuFile(String)
    /// The files cpuidle/stateN/disable of a CPU: the numbers of the states that are off.
    case idleStates
    /// A number (u32) of an ethtool netlink message, by attribute.
    case ethtool(EthtoolMessage, UInt16, maximum: UInt16? = nil)
    /// A flag (u8) of an ethtool netlink message, by attribute.
    case ethtoolFlag(EthtoolMessage, UInt16)
    /// A choice (u8) of an ethtool netlink message: an index into the words of the range.
    case ethtoolChoice(EthtoolMessage, UInt16)
    /// An interrupt moderation profile (DIM) of the coalescing message: a list of triples.
    case moderationProfile(UInt16)
    /// An offload, by the name that the kernel gives its bit.
    case feature(String)
    /// A number (u32) of the device's rtnetlink message (IFLA_…).
    case link(UInt16, minimum: UInt16? = nil, maximum: UInt16? = nil)
    /// A number of the netdev family's napi object.
    case napi(UInt16)
    /// A driver tunable (u32) of the ethtool ioctl, by id.
    case tunable(UInt32)
    /// One queue's own coalescing (ETHTOOL_PERQUEUE), by the message's attribute.
    case queueCoalesce(UInt16)
    /// A part of the RSS state.
    case rss(RSSPart)
    /// The receive flow classification rules (ntuple).
    case flowRules
    /// Driver-private flags.
    case privateFlags
    /// setsockopt(2): level and option. Documented here, used by programs.
    case socketOption(level: Int32, option: Int32)
    /// ioctl(2) EPIOCSPARAMS on an epoll descriptor, by the field of `struct epoll_params`.
    case epollParameters(String)
    /// /dev/cpu_dma_latency: holds as long as the file is open.
    case latencyRequest
    /// Nothing to read: it is on where others say so.
    case derived
  }

  /// ethtool netlink messages by the command that reads them (linux/ethtool_netlink.h).
  package enum EthtoolMessage: UInt8, Sendable, Hashable {
    case privateFlags = 13
    case rings = 15
    case channels = 17
    case coalesce = 19
    case pause = 21

    /// The command that sets it.
    package var set: UInt8 { rawValue + 1 }
  }

  package enum RSSPart: String, Sendable, Hashable {
    case indirection, key, hashFunction, inputTransform, hashFields, contexts
  }
}

extension Knob.Access {
  /// The ethtool netlink message that carries the value, beside others.
  package var message: Knob.EthtoolMessage? {
    switch self {
    case .ethtool(let message, _, _), .ethtoolFlag(let message, _), .ethtoolChoice(let message, _):
      message
    case .moderationProfile: .coalesce
    case .sysctl, .deviceFile, .queueFile, .irqFile, .irqDefault, .cpuFile, .idleStates, .feature,
      .link, .napi, .tunable, .queueCoalesce, .rss, .flowRules, .privateFlags, .socketOption,
      .epollParameters, .latencyRequest, .derived:
      nil
    }
  }

  /// Whether the value is in files of its own, and in no message with others'.
  package var isFile: Bool {
    switch self {
    case .sysctl, .deviceFile, .queueFile, .irqFile, .irqDefault, .cpuFile, .idleStates,
      .latencyRequest:
      true
    case .ethtool, .ethtoolFlag, .ethtoolChoice, .moderationProfile, .feature, .link, .napi,
      .tunable, .queueCoalesce, .rss, .flowRules, .privateFlags, .socketOption, .epollParameters,
      .derived:
      false
    }
  }
}
