/// One documented setting of the receive path, declared once.
///
/// Reading and setting, `explain`, the man page rxtune-knobs(7), profiles, completions and plans
/// all follow from this value. It holds no I/O: `access` only says where the setting lives.
package struct Knob: Sendable, Identifiable {
  /// "coalesce.rx-usecs", "net.core.netdev_budget": the kernel's own name, behind the message or
  /// the table that it is in.
  package var id: String
  /// Other spellings that people type: the kernel's attribute where ethtool(8) differs from it, or
  /// a constant's name.
  package var aliases: [String] = []
  package var stage: Stage
  package var scope: Scope
  /// One line, no full stop.
  package var summary: String
  package var unit: Unit
  package var range: Range
  /// Where a value is several numbers: what each of them is, in the kernel's order.
  package var fields: [String] = []
  package var access: Access
  /// The kernel's default, as it would be written; nil where driver or memory decide.
  package var defaultValue: String?
  package var settles: Settling = .exact
  package var risks: [Risk] = []
  /// What a change of this one resets.
  package var invalidates: [Reset] = []
  /// Kernel document, below Documentation/; where the kernel has none, a manual page.
  package var document: String
  /// First kernel with it, where a source tells; "~" stands before what was only recalled.
  package var since: String?
  /// What a reader must know before touching it.
  package var notes: String?
  package var isWritable: Bool = true
}

/// There is one of each id.
extension Knob: Hashable {
  package static func == (left: Knob, right: Knob) -> Bool { left.id == right.id }

  package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

extension Knob {
  package enum Unit: String, Sendable, Hashable {
    case packets, bytes, microseconds, nanoseconds, milliseconds, descriptors, queues, polls
    case entries, pages, megabitsPerSecond = "Mbit/s", seconds, retries, connections
    case packetsPerSecond = "packets/s"
    /// a set of CPU numbers
    case cpus
    /// a set of receive queue numbers
    case rxQueues = "rx-queues"
    /// a set of the numbers of idle states
    case idleStates = "idle-states"
    /// on or off
    case flag
    /// a number without a unit
    case number
    /// words, or a structure with commands of its own
    case text
  }

  package enum Range: Sendable, Hashable {
    case any
    case between(Int64, Int64)
    /// The device reports its maximum beside the value.
    case reported(minimum: Int64)
    case oneOf([String])
    /// Numbers of things that are there: CPUs, receive queues, idle states.
    case existing
  }

  /// How what was written relates to what is then found.
  package enum Settling: String, Sendable, Hashable {
    case exact
    /// up to the next power of two
    case rounded
    /// silently cut to what the driver can do
    case clamped
    /// changes at the next event only (an interrupt, a reopened socket)
    case later
  }

  package enum Risk: String, Sendable, CaseIterable, Hashable {
    /// queues are reopened: packets may be lost and the link may flap
    case flap
    /// other settings are reset
    case resets
    /// the whole host is affected
    case host
    /// CPU time is spent whether packets come or not
    case burn
    /// memory is taken in proportion to the value
    case memory
  }

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

extension Knob {
  /// What a value is, and so how it is spelled.
  package enum Form: Sendable, Hashable {
    case number
    /// So many numbers, separated by white space.
    case numbers(Int)
    case flag
    /// A set of CPU or queue numbers: "0-3,8".
    case set
    /// One of the range's words.
    case word
    case text
    case table, key, hashFields, contexts, rules, privateFlags, profile
  }

  package var form: Form {
    if !fields.isEmpty { return .numbers(fields.count) }
    switch unit {
    case .flag: return .flag
    case .cpus, .rxQueues, .idleStates: return .set
    case .text: break
    default: return .number
    }
    switch access {
    case .rss(.indirection): return .table
    case .rss(.key): return .key
    case .rss(.hashFields): return .hashFields
    case .rss(.contexts): return .contexts
    case .flowRules: return .rules
    case .privateFlags: return .privateFlags
    case .moderationProfile: return .profile
    default: break
    }
    return if case .oneOf = range { .word } else { .text }
  }

  /// Whether a program sets it for itself, so that there is nothing to read from outside.
  package var belongsToProgram: Bool { scope == .socket }
}
