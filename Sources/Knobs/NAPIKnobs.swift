/// NAPI: when a queue is polled, by whom, and for how long (networking/napi.rst).
extension Knob {
  static let napi: [Knob] = napiInstance + napiDevice + softirq + busyPolling

  private static let napiInstance: [Knob] = [
    napiDeferHardIRQs, napiGROFlushTimeout, napiIRQSuspendTimeout, napiThreaded,
  ]

  package static let napiDeferHardIRQs = napiObject(
    "defer-hard-irqs", attribute: 5, .polls, .between(0, Int64(Int32.max)), default: "0",
    since: "~6.13",
    "Empty polls before the queue's interrupt is turned on again",
    notes: "Of use together with gro-flush-timeout, which polls in between.")

  package static let napiGROFlushTimeout = napiObject(
    "gro-flush-timeout", attribute: 6, .nanoseconds, .between(0, Int64.max), default: "0",
    since: "~6.13",
    "Delay after which packets held by GRO go up, and the queue is polled again",
    notes: "Of use together with defer-hard-irqs. Too long, it delays small transfers.")

  package static let napiIRQSuspendTimeout = napiObject(
    "irq-suspend-timeout", attribute: 7, .nanoseconds, .between(0, Int64.max), default: "0",
    risks: [.burn],
    since: "~6.13",
    "How long a busy-polling program may keep the queue's interrupt off",
    notes: """
      Only for epoll with prefer-busy-poll. Programs should wait for longer than it. When the \
      NAPI instance is made again, this value stays while the others go back to the device's.
      """)

  package static let napiThreaded = napiObject(
    "threaded", attribute: 8, .number, .between(0, 2), default: "0", risks: [.burn], since: "~6.17",
    "Polling in a kernel thread (1), or in one that never sleeps (2), rather than in softirq",
    notes: """
      2, threaded busy polling, keeps a CPU busy for good; kernels before 6.19 refuse it. The \
      thread is called "napi/DEV-ID", takes CPU affinity and a scheduling class, and is \
      seen in top. irqbalance does not know it.
      """)

  private static let napiDevice: [Knob] = [
    deviceDeferHardIRQs, deviceGROFlushTimeout, deviceThreaded,
  ]

  package static let deviceDeferHardIRQs = deviceFile(
    "napi-defer-hard-irqs", "napi_defer_hard_irqs", .polls, .between(0, Int64(Int32.max)),
    overwrites: napiDeferHardIRQs, since: "~5.8",
    "defer-hard-irqs of all NAPI instances of the device, and of those to come")

  package static let deviceGROFlushTimeout = deviceFile(
    "gro-flush-timeout", "gro_flush_timeout", .nanoseconds, .between(0, Int64.max),
    overwrites: napiGROFlushTimeout, since: "~3.19",
    "gro-flush-timeout of all NAPI instances of the device, and of those to come")

  package static let deviceThreaded = deviceFile(
    "threaded", "threaded", .number, .between(0, 1), overwrites: napiThreaded,
    since: "~5.12", "Polling of all NAPI instances of the device in kernel threads")

  private static let softirq: [Knob] = [
    netdevBudget, netdevBudgetUsecs, devWeight, devWeightRxBias, devWeightTxBias,
    netdevTimestampPrequeue, skbDeferMax, memPerCPUReserve,
  ]

  package static let netdevBudget = sysctl(
    "net.core.netdev_budget", .napi, "Packets that one round of NET_RX polls at most", .packets,
    positiveInt32, default: "300", document: Document.netSysctl, since: "~2.6.12",
    notes: """
      softnet time_squeeze counts the rounds that ended with work left. The kernel also takes 0 \
      and -1, which leave every round at its first poll.
      """)

  package static let netdevBudgetUsecs = sysctl(
    "net.core.netdev_budget_usecs", .napi, "Time that one round of NET_RX polls at most",
    .microseconds, .between(2_000, Int64(Int32.max)), default: "2000000/HZ",
    document: Document.netSysctl, since: "~4.12",
    notes: "At least two ticks: 8000 at 250 Hz. Less is refused.")

  package static let devWeight = sysctl(
    "net.core.dev_weight", .napi, "Packets that one poll of the backlog takes at most", .packets,
    positiveInt32, default: "64", document: Document.netSysctl, since: "~2.6.12",
    notes: "Of the backlog, that is of RPS and of devices without NAPI; NAPI polls take 64.")

  package static let devWeightRxBias = sysctl(
    "net.core.dev_weight_rx_bias", .napi, "Factor of dev_weight for receiving", .number,
    positiveInt32, default: "1", document: Document.netSysctl, since: "~4.11")

  package static let devWeightTxBias = sysctl(
    "net.core.dev_weight_tx_bias", .napi, "Factor of dev_weight for transmitting", .number,
    positiveInt32, default: "1", document: Document.netSysctl, since: "~4.11")

  package static let netdevTimestampPrequeue = sysctl(
    "net.core.netdev_tstamp_prequeue", .napi,
    "Packets get their time stamp before RPS queues them", .number, .between(0, 1),
    default: "1", document: Document.netSysctl, since: "~3.0",
    notes: "0 moves the cost of stamping to the CPU that RPS chose; the stamp is later then.")

  package static let skbDeferMax = sysctl(
    "net.core.skb_defer_max", .napi,
    "Buffers that wait to be freed by the CPU that allocated them", .packets, default: "64",
    document: Document.netSysctl, since: "~5.19", notes: "128 in newer kernels; 0 turns it off."
  )

  package static let memPerCPUReserve = sysctl(
    "net.core.mem_pcpu_rsv", .napi, "Socket memory that each CPU takes in advance", .pages,
    .between(256, Int64(Int32.max)), default: "256", document: Document.netSysctl,
    since: "~6.7", notes: "More makes tcp_mem and udp_mem less exact, and less contended.")

  private static func napiObject(
    _ name: String, attribute: UInt16, _ unit: Unit, _ range: Range,
    default defaultValue: String, risks: [Risk] = [], since: String, _ summary: String,
    notes: String
  ) -> Knob {
    Knob(
      id: "napi.\(name)", stage: .napi, scope: .napi, summary: summary, unit: unit, range: range,
      access: .napi(attribute), defaultValue: defaultValue,
      risks: risks, document: Document.napi, since: since,
      notes: notes + " A device that makes its NAPI instances again gives them new ids.")
  }

  private static func deviceFile(
    _ name: String, _ file: String, _ unit: Unit, _ range: Range, overwrites: Knob,
    since: String, _ summary: String
  ) -> Knob {
    Knob(
      id: "device.\(name)", stage: .napi, scope: .device, summary: summary, unit: unit,
      range: range, access: .deviceFile(file), defaultValue: "0", risks: [.resets],
      invalidates: [.knob(overwrites)], document: Document.napi, since: since,
      notes: """
        Writing it overwrites what single NAPI instances had. Where the kernel has \(overwrites.id), \
        prefer that.
        """)
  }
}
