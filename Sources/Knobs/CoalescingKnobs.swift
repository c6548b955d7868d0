/// Interrupt coalescing: ethtool -c and -C (networking/ethtool-netlink.rst, COALESCE_GET).
///
/// Ids are as ethtool(8) writes them; where the kernel's attribute is called otherwise, that is
/// an alias.
extension Knob {
  static let coalescing: [Knob] = [
    coalesceRxUsecs, coalesceRxFrames, coalesceRxUsecsIRQ, coalesceRxFramesIRQ,
    coalesceTxUsecs, coalesceTxFrames, coalesceTxUsecsIRQ, coalesceTxFramesIRQ,
    coalesceStatsBlockUsecs, coalesceAdaptiveRx, coalesceAdaptiveTx,
    coalescePacketRateLow, coalesceRxUsecsLow, coalesceRxFramesLow, coalesceTxUsecsLow,
    coalesceTxFramesLow, coalescePacketRateHigh, coalesceRxUsecsHigh, coalesceRxFramesHigh,
    coalesceTxUsecsHigh, coalesceTxFramesHigh, coalesceSampleInterval,
    coalesceCQEModeTx, coalesceCQEModeRx, coalesceTxAggregateBytes, coalesceTxAggregateFrames,
    coalesceTxAggregateUsecs, coalesceRxProfile, coalesceTxProfile, coalesceRxCQEFrames,
    coalesceRxCQENsecs, queueCoalesceRxUsecs, queueCoalesceRxFrames, queueCoalesceAdaptiveRx,
    queueCoalesceTxUsecs, queueCoalesceTxFrames, queueCoalesceAdaptiveTx,
  ]

  // MARK: Delays and counts

  package static let coalesceRxUsecs = coalesce(
    "rx-usecs", attribute: 2, .microseconds,
    "Delay of the receive interrupt after a packet arrives",
    risks: [.flap], notes: moderation)

  package static let coalesceRxFrames = coalesce(
    "rx-frames", kernel: "rx-max-frames", attribute: 3, .packets,
    "Received packets that trigger the interrupt before the delay ends", risks: [.flap],
    notes: moderation)

  package static let coalesceRxUsecsIRQ = coalesce(
    "rx-usecs-irq", attribute: 4, .microseconds,
    "Receive interrupt delay while an interrupt is being serviced", risks: [.flap],
    notes: moderation)

  package static let coalesceRxFramesIRQ = coalesce(
    "rx-frames-irq", kernel: "rx-max-frames-irq", attribute: 5, .packets,
    "Received packets before an interrupt while one is being serviced", risks: [.flap],
    notes: moderation)

  package static let coalesceTxUsecs = coalesce(
    "tx-usecs", attribute: 6, .microseconds,
    "Delay of the transmit interrupt after a packet is sent",
    risks: [.flap], notes: moderation)

  package static let coalesceTxFrames = coalesce(
    "tx-frames", kernel: "tx-max-frames", attribute: 7, .packets,
    "Sent packets that trigger the interrupt before the delay ends", risks: [.flap],
    notes: moderation)

  package static let coalesceTxUsecsIRQ = coalesce(
    "tx-usecs-irq", attribute: 8, .microseconds,
    "Transmit interrupt delay while an interrupt is being serviced", risks: [.flap],
    notes: moderation)

  package static let coalesceTxFramesIRQ = coalesce(
    "tx-frames-irq", kernel: "tx-max-frames-irq", attribute: 9, .packets,
    "Sent packets before an interrupt while one is being serviced", risks: [.flap],
    notes: moderation)

  package static let coalesceStatsBlockUsecs = coalesce(
    "stats-block-usecs", attribute: 10, .microseconds,
    "Interval between updates of the device's statistics", risks: [.flap], notes: moderation)

  private static let moderation = """
    Drivers may clamp or round it silently; rxtune reads it back. While adaptive moderation is on \
    for this direction, the device chooses the value itself. A driver refuses a whole request that \
    contains one value it does not support. Kernels before 5.7 report 0 for a value that the \
    driver does not support.
    """

  // MARK: Adaptive moderation

  package static let coalesceAdaptiveRx = adaptive("rx", attribute: 11)

  package static let coalesceAdaptiveTx = adaptive("tx", attribute: 12)

  private static func adaptive(_ direction: String, attribute: UInt16) -> Knob {
    coalesce(
      "adaptive-\(direction)", kernel: "use-adaptive-\(direction)", attribute: attribute, .flag,
      """
      Adaptive moderation: \(direction)-usecs and \(direction)-frames follow the packet rate
      """,
      notes: """
        Also called DIM. It overrides the fixed \(direction)-usecs and \(direction)-frames: turn \
        it off before setting them, or they have no effect.
        """)
  }

  package static let coalesceRxProfile = profile("rx", attribute: 29)

  package static let coalesceTxProfile = profile("tx", attribute: 30)

  private static func profile(_ direction: String, attribute: UInt16) -> Knob {
    coalesce(
      "\(direction)-profile", attribute: attribute, .text,
      "Steps of \(direction) adaptive moderation (DIM profile)", since: "~6.11",
      notes: """
        Five steps of "usecs,packets,completions", joined by "_"; "n" where the driver has no such \
        value: "1,256,n_8,256,n_64,256,n_128,256,n_256,256,n".
        """)
  }

  // MARK: By packet rate, in fixed steps

  package static let coalescePacketRateLow = coalesce(
    "pkt-rate-low", attribute: 13, .packetsPerSecond,
    "Packet rate below which the -low values apply",
    notes: byRate)

  package static let coalesceRxUsecsLow = coalesce(
    "rx-usecs-low", attribute: 14, .microseconds, "Receive interrupt delay at a low packet rate",
    notes: byRate)

  package static let coalesceRxFramesLow = coalesce(
    "rx-frames-low", kernel: "rx-max-frames-low", attribute: 15, .packets,
    "Received packets before an interrupt at a low packet rate", notes: byRate)

  package static let coalesceTxUsecsLow = coalesce(
    "tx-usecs-low", attribute: 16, .microseconds, "Transmit interrupt delay at a low packet rate",
    notes: byRate)

  package static let coalesceTxFramesLow = coalesce(
    "tx-frames-low", kernel: "tx-max-frames-low", attribute: 17, .packets,
    "Sent packets before an interrupt at a low packet rate", notes: byRate)

  package static let coalescePacketRateHigh = coalesce(
    "pkt-rate-high", attribute: 18, .packetsPerSecond,
    "Packet rate above which the -high values apply",
    notes: byRate)

  package static let coalesceRxUsecsHigh = coalesce(
    "rx-usecs-high", attribute: 19, .microseconds, "Receive interrupt delay at a high packet rate",
    notes: byRate)

  package static let coalesceRxFramesHigh = coalesce(
    "rx-frames-high", kernel: "rx-max-frames-high", attribute: 20, .packets,
    "Received packets before an interrupt at a high packet rate", notes: byRate)

  package static let coalesceTxUsecsHigh = coalesce(
    "tx-usecs-high", attribute: 21, .microseconds, "Transmit interrupt delay at a high packet rate",
    notes: byRate)

  package static let coalesceTxFramesHigh = coalesce(
    "tx-frames-high", kernel: "tx-max-frames-high", attribute: 22, .packets,
    "Sent packets before an interrupt at a high packet rate", notes: byRate)

  private static let byRate = "Only for drivers that moderate in fixed steps of the packet rate."

  package static let coalesceSampleInterval = coalesce(
    "sample-interval", kernel: "rate-sample-interval", attribute: 23, .seconds,
    "Interval between measurements of the packet rate")

  // MARK: Completions

  package static let coalesceCQEModeTx = completion("tx", attribute: 24)

  package static let coalesceCQEModeRx = completion("rx", attribute: 25)

  private static func completion(_ direction: String, attribute: UInt16) -> Knob {
    coalesce(
      "cqe-mode-\(direction)", kernel: "use-cqe-mode-\(direction)", attribute: attribute, .flag,
      "The \(direction) delay restarts at each completion (CQE mode)", risks: [.flap],
      since: "~5.15",
      notes: """
        When off, the delay counts from the first event (EQE mode). mlx5 reopens its queues.
        """)
  }

  package static let coalesceRxCQEFrames = coalesce(
    "rx-cqe-frames", attribute: 31, .packets, "Maximum received packets that share one completion",
    risks: [.flap], since: "~7.1", notes: sharedCompletion)

  package static let coalesceRxCQENsecs = coalesce(
    "rx-cqe-nsecs", attribute: 32, .nanoseconds,
    "How long the device waits to fill a shared completion", risks: [.flap], since: "~7.1",
    notes: sharedCompletion)

  private static let sharedCompletion =
    "Saves bus transfers at high rates. mana reopens its queues."

  // MARK: Aggregation

  package static let coalesceTxAggregateBytes = coalesce(
    "tx-aggr-max-bytes", attribute: 26, .bytes,
    "Maximum size of an aggregated block of sent packets", since: "~6.3", notes: aggregation)

  package static let coalesceTxAggregateFrames = coalesce(
    "tx-aggr-max-frames", attribute: 27, .packets, "Maximum packets in an aggregated block",
    since: "~6.3", notes: aggregation)

  package static let coalesceTxAggregateUsecs = coalesce(
    "tx-aggr-time-usecs", kernel: "tx-aggr-usecs-time", attribute: 28, .microseconds,
    "Time from the first packet of an aggregated block until it is sent", since: "~6.3",
    notes: aggregation)

  private static let aggregation = "For USB devices and modems."

  /// A value of the message. Drivers give all queues the whole of it, the values that stay among
  /// them.
  ///
  /// - Parameters:
  ///   - kernel: the attribute's name, where ethtool(8) has another.
  ///   - attribute: ETHTOOL_A_COALESCE_… of linux/ethtool_netlink_generated.h.
  private static func coalesce(
    _ name: String, kernel: String? = nil, attribute: UInt16, _ unit: Unit, _ summary: String,
    risks: [Risk] = [], since: String? = nil, notes: String? = nil
  ) -> Knob {
    let access: Access =
      switch unit {
      case .flag: .ethtoolFlag(.coalesce, attribute)
      case .text: .moderationProfile(attribute)
      default: .ethtool(.coalesce, attribute)
      }
    let isNumber = unit != .flag && unit != .text
    return Knob(
      id: "coalesce.\(name)", aliases: kernel.map { ["coalesce.\($0)"] } ?? [], stage: .irq,
      scope: .device, summary: summary, unit: unit, range: isNumber ? uint32 : .any,
      access: access, settles: isNumber ? .clamped : .exact, risks: risks + [.resets],
      invalidates: [.group(.queueCoalesce)], document: Document.ethtool, since: since,
      notes: notes)
  }

  // MARK: Of one queue

  package static let queueCoalesceRxUsecs = queueCoalesce(
    "rx-usecs", attribute: 2, .rxQueue, .microseconds, "Delay of this queue's receive interrupt")

  package static let queueCoalesceRxFrames = queueCoalesce(
    "rx-frames", attribute: 3, .rxQueue, .packets,
    "Packets that trigger this queue's receive interrupt before the delay ends")

  package static let queueCoalesceAdaptiveRx = queueCoalesce(
    "adaptive-rx", attribute: 11, .rxQueue, .flag,
    "Adaptive moderation of this queue's receive interrupt")

  package static let queueCoalesceTxUsecs = queueCoalesce(
    "tx-usecs", attribute: 6, .txQueue, .microseconds, "Delay of this queue's transmit interrupt")

  package static let queueCoalesceTxFrames = queueCoalesce(
    "tx-frames", attribute: 7, .txQueue, .packets,
    "Packets that trigger this queue's transmit interrupt before the delay ends")

  package static let queueCoalesceAdaptiveTx = queueCoalesce(
    "adaptive-tx", attribute: 12, .txQueue, .flag,
    "Adaptive moderation of this queue's transmit interrupt")

  /// ETHTOOL_PERQUEUE: a value of the message of one queue, by ioctl.
  private static func queueCoalesce(
    _ name: String, attribute: UInt16, _ scope: Scope, _ unit: Unit, _ summary: String
  ) -> Knob {
    Knob(
      id: "queue.coalesce.\(name)", stage: .irq, scope: scope, summary: summary, unit: unit,
      range: unit == .flag ? .any : uint32, access: .queueCoalesce(attribute), settles: .clamped,
      document: "ethtool(8)", since: "~4.6",
      notes: """
        Few drivers support it. Only an ioctl sets it. Setting coalesce.\(name) of the device \
        overwrites it on every queue.
        """)
  }
}
