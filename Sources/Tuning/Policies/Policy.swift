package import Knobs

/// A way to choose values by the machine, rather than to name them.
package enum Policy: String, CaseIterable, Sendable, Hashable {
  /// A vector per physical core, the NIC's NUMA node first; as many channels as that serves. Of
  /// several devices each goes on where the one before it ended.
  case spread
  /// Vectors on as few cores as will do, the NIC's node first; several devices in turn, too.
  case pack
  /// Where the driver would have it (affinity_hint).
  case hint
  /// All CPUs of the NIC's node.
  case node
  /// CPUs without a vector, on the node of the queue's own.
  case complement
  /// The CPUs of the node that the queue's vector is on.
  case sameNode = "same-node"
  /// Each CPU sends on the queue whose vector it has, or the nearest; a channel a CPU.
  case oneToOne = "one-to-one"
  /// As much as the device reports.
  case max
  /// The same share for each queue.
  case equal
  case off

  package var summary: String {
    switch self {
    case .spread: "one per physical core, starting on the NIC's NUMA node"
    case .pack: "on as few cores as will do, starting on the NIC's NUMA node"
    case .hint: "where the driver suggests (affinity_hint)"
    case .node: "all CPUs of the NIC's NUMA node"
    case .complement: "CPUs that take no queue's interrupt, on the queue's NUMA node"
    case .sameNode: "all CPUs of the NUMA node that takes the queue's interrupt"
    case .oneToOne: "one queue per CPU"
    case .max: "the maximum that the device reports"
    case .equal: "the same share for each queue"
    case .off: "0, none or off"
    }
  }

  /// Policies that make sense for a knob.
  package static func suitable(for knob: Knob) -> [Policy] {
    switch knob {
    case .irqAffinity: [.spread, .pack, .hint, .node]
    case .rpsCPUs: [.complement, .sameNode, .node, .off]
    case .xpsCPUs: [.oneToOne, .sameNode, .off]
    case .xpsRxQueues: [.oneToOne, .off]
    case .rpsFlowCount: [.equal, .off]
    case .rssIndirection: [.equal]
    case .channelsCombined, .channelsRx, .channelsTx: [.spread, .oneToOne, .max]
    default:
      switch (knob.form, knob.range) {
      case (.number, .reported): [.max, .off]
      case (.number, _), (.flag, _), (.set, _): [.off]
      default: []
      }
    }
  }
}
