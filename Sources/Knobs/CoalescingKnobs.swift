/// Interrupt coalescing: ethtool -c and -C (networking/ethtool-netlink.rst, COALESCE_GET).
///
/// Ids are as ethtool(8) writes them; where the kernel's attribute is called otherwise, that is
/// an alias.
extension Knob {
  static let coalescing: [Knob] =
    [
      moderation("rx-usecs", 2, .microseconds, "Delay of the interrupt after a received packet"),
      moderation(
        "rx-frames", 3, .packets, "Received packets that raise the interrupt before the delay ends",
        kernel: "rx-max-frames"),
      moderation(
        "rx-usecs-irq", 4, .microseconds, "The same delay while the interrupt is being served"),
      moderation(
        "rx-frames-irq", 5, .packets, "The same count while the interrupt is being served",
        kernel: "rx-max-frames-irq"),
      moderation("tx-usecs", 6, .microseconds, "Delay of the interrupt after a sent packet"),
      moderation(
        "tx-frames", 7, .packets, "Sent packets that raise the interrupt before the delay ends",
        kernel: "tx-max-frames"),
      moderation(
        "tx-usecs-irq", 8, .microseconds, "The same delay while the interrupt is being served"),
      moderation(
        "tx-frames-irq", 9, .packets, "The same count while the interrupt is being served",
        kernel: "tx-max-frames-irq"),
      moderation(
        "stats-block-usecs", 10, .microseconds, "Delay between updates of the device's statistics"),
      adaptive("rx", 11),
      adaptive("tx", 12),
      rate("pkt-rate-low", 13, .packetsPerSecond, "Rate below which the -low values hold"),
      rate("rx-usecs-low", 14, .microseconds, "rx-usecs at a low packet rate"),
      rate("rx-frames-low", 15, .packets, "rx-frames at a low packet rate", "rx-max-frames-low"),
      rate("tx-usecs-low", 16, .microseconds, "tx-usecs at a low packet rate"),
      rate("tx-frames-low", 17, .packets, "tx-frames at a low packet rate", "tx-max-frames-low"),
      rate("pkt-rate-high", 18, .packetsPerSecond, "Rate above which the -high values hold"),
      rate("rx-usecs-high", 19, .microseconds, "rx-usecs at a high packet rate"),
      rate("rx-frames-high", 20, .packets, "rx-frames at a high packet rate", "rx-max-frames-high"),
      rate("tx-usecs-high", 21, .microseconds, "tx-usecs at a high packet rate"),
      rate("tx-frames-high", 22, .packets, "tx-frames at a high packet rate", "tx-max-frames-high"),
      Knob(
        id: "coalesce.sample-interval", aliases: ["coalesce.rate-sample-interval"], stage: .irq,
        scope: .device, summary: "Seconds between two measurements of the packet rate",
        unit: .seconds, range: uint32, access: .ethtool(.coalesce, 23), settles: .clamped,
        document: Document.ethtool),
      completion("tx", 24),
      completion("rx", 25),
      aggregation(
        "tx-aggr-max-bytes", 26, .bytes, "Bytes that are gathered into one transfer to the device"),
      aggregation(
        "tx-aggr-max-frames", 27, .packets, "Packets that are gathered into one transfer"),
      aggregation(
        "tx-aggr-time-usecs", 28, .microseconds, "Time that packets are gathered for",
        "tx-aggr-usecs-time"),
      profile("rx", 29),
      profile("tx", 30),
      receiveCompletion(
        "rx-cqe-frames", 31, .packets, "Received packets that may share one completion"),
      receiveCompletion(
        "rx-cqe-nsecs", 32, .nanoseconds, "Time that the device waits to fill such a completion"),
    ].map(overQueues) + queueCoalescing

  /// Drivers give all queues the whole message, the values of it that stay among them.
  private static func overQueues(_ knob: Knob) -> Knob {
    var knob = knob
    knob.risks.append(.resets)
    knob.invalidates.append("queue.coalesce.")
    return knob
  }

  /// ETHTOOL_PERQUEUE: the same of one queue, by ioctl.
  private static let queueCoalescing: [Knob] = [
    ofQueue("rx-usecs", 2, .rxQueue, .microseconds, "Delay of this queue's receive interrupt"),
    ofQueue("rx-frames", 3, .rxQueue, .packets, "Packets that raise it before the delay ends"),
    ofQueue("adaptive-rx", 11, .rxQueue, .flag, "The delay follows this queue's packet rate"),
    ofQueue("tx-usecs", 6, .txQueue, .microseconds, "Delay of this queue's transmit interrupt"),
    ofQueue("tx-frames", 7, .txQueue, .packets, "Packets that raise it before the delay ends"),
    ofQueue("adaptive-tx", 12, .txQueue, .flag, "The delay follows this queue's packet rate"),
  ]

  private static func moderation(
    _ name: String, _ attribute: UInt16, _ unit: Unit, _ summary: String, kernel: String? = nil
  ) -> Knob {
    Knob(
      id: "coalesce.\(name)", aliases: kernel.map { ["coalesce.\($0)"] } ?? [], stage: .irq,
      scope: .device, summary: summary, unit: unit, range: uint32,
      access: .ethtool(.coalesce, attribute), settles: .clamped, risks: [.flap],
      document: Document.ethtool,
      notes: """
        Drivers may clamp or round it without a word: read back. While adaptive moderation of its \
        direction is on, the device chooses by itself. A driver refuses a whole request that \
        names one value it does not know. Kernels before 5.7 tell 0 of what a driver does not \
        have, too.
        """)
  }

  private static func adaptive(_ direction: String, _ attribute: UInt16) -> Knob {
    Knob(
      id: "coalesce.adaptive-\(direction)", aliases: ["coalesce.use-adaptive-\(direction)"],
      stage: .irq, scope: .device,
      summary: "\(direction)-usecs and \(direction)-frames follow the packet rate (DIM)",
      unit: .flag, range: .any, access: .ethtoolFlag(.coalesce, attribute),
      document: Document.ethtool,
      notes: """
        It overrules the fixed \(direction)-usecs and \(direction)-frames: turn it off before \
        setting these, or they have no effect.
        """)
  }

  private static func rate(
    _ name: String, _ attribute: UInt16, _ unit: Unit, _ summary: String, _ kernel: String? = nil
  ) -> Knob {
    Knob(
      id: "coalesce.\(name)", aliases: kernel.map { ["coalesce.\($0)"] } ?? [], stage: .irq,
      scope: .device, summary: summary, unit: unit, range: uint32,
      access: .ethtool(.coalesce, attribute), settles: .clamped, document: Document.ethtool,
      notes: "Of use only to drivers that moderate by rate in fixed steps.")
  }

  private static func completion(_ direction: String, _ attribute: UInt16) -> Knob {
    Knob(
      id: "coalesce.cqe-mode-\(direction)", aliases: ["coalesce.use-cqe-mode-\(direction)"],
      stage: .irq, scope: .device,
      summary: "The \(direction) delay starts anew with each completion", unit: .flag, range: .any,
      access: .ethtoolFlag(.coalesce, attribute), risks: [.flap], document: Document.ethtool,
      since: "~5.15",
      notes: "Off, the delay counts from the first event (EQE mode). mlx5 reopens its queues.")
  }

  private static func aggregation(
    _ name: String, _ attribute: UInt16, _ unit: Unit, _ summary: String,
    _ alias: String? = nil
  ) -> Knob {
    Knob(
      id: "coalesce.\(name)", aliases: alias.map { ["coalesce.\($0)"] } ?? [], stage: .irq,
      scope: .device, summary: summary, unit: unit, range: uint32,
      access: .ethtool(.coalesce, attribute), settles: .clamped, document: Document.ethtool,
      since: "~6.3", notes: "For devices behind USB or a modem.")
  }

  private static func profile(_ direction: String, _ attribute: UInt16) -> Knob {
    Knob(
      id: "coalesce.\(direction)-profile", stage: .irq, scope: .device,
      summary: "Steps that adaptive moderation of \(direction) moves between", unit: .text,
      range: .any, access: .moderationProfile(attribute), document: Document.ethtool,
      since: "~6.11",
      notes: """
        Five steps "usecs,packets,completions", joined by "_"; "n" where the driver has no such \
        number: "1,256,n_8,256,n_64,256,n_128,256,n_256,256,n".
        """)
  }

  private static func receiveCompletion(
    _ name: String, _ attribute: UInt16, _ unit: Unit, _ summary: String
  ) -> Knob {
    Knob(
      id: "coalesce.\(name)", stage: .irq, scope: .device, summary: summary, unit: unit,
      range: uint32, access: .ethtool(.coalesce, attribute), settles: .clamped, risks: [.flap],
      document: Document.ethtool, since: "~7.1",
      notes: "It spares bus transfers at high rates; mana reopens its queues.")
  }

  private static func ofQueue(
    _ name: String, _ attribute: UInt16, _ scope: Scope, _ unit: Unit, _ summary: String
  ) -> Knob {
    Knob(
      id: "queue.coalesce.\(name)", stage: .irq, scope: scope, summary: summary, unit: unit,
      range: unit == .flag ? .any : uint32, access: .queueCoalesce(attribute), settles: .clamped,
      document: "ethtool(8)", since: "~4.6",
      notes: """
        Few drivers have it. It is set by ioctl alone, and setting coalesce.\(name) of the device \
        overwrites it on every queue.
        """)
  }
}
