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
    case .rss(.hashFunction), .rss(.inputTransform): break
    case .flowRules: return .rules
    case .privateFlags: return .privateFlags
    case .moderationProfile: return .profile
    case .sysctl, .deviceFile, .queueFile, .irqFile, .irqDefault, .cpuFile, .idleStates, .ethtool,
      .ethtoolFlag, .ethtoolChoice, .feature, .link, .napi, .tunable, .queueCoalesce,
      .socketOption, .epollParameters, .latencyRequest, .derived:
      break
    }
    return if case .oneOf = range { .word } else { .text }
  }

  /// Whether a program sets it for itself, so that there is nothing to read from outside.
  package var belongsToProgram: Bool { scope == .socket }
}
