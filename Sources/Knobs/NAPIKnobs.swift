/// NAPI: when a queue is polled, by whom, and for how long (networking/napi.rst).
extension Knob {
  static let napi: [Knob] = napiInstance + napiDevice + softirq + busyPolling

  private static let napiInstance: [Knob] = [
    napiDeferHardIRQs, napiGROFlushTimeout, napiIRQSuspendTimeout, napiThreaded,
  ]

  package static let napiDeferHardIRQs = napiObject(
    "defer-hard-irqs", attribute: 5, .polls, .between(0, Int64(Int32.max)), default: "0",
    since: "~6.13",
    "Empty polls before the queue's interrupt is re-enabled",
    notes: "Set it together with gro-flush-timeout, whose timer polls in between.")

  package static let napiGROFlushTimeout = napiObject(
    "gro-flush-timeout", attribute: 6, .nanoseconds, .between(0, Int64.max), default: "0",
    since: "~6.13",
    "Delay after which GRO passes held packets on and the queue is polled again",
    notes: "Set it together with defer-hard-irqs. Too long a timeout delays small transfers.")

  package static let napiIRQSuspendTimeout = napiObject(
    "irq-suspend-timeout", attribute: 7, .nanoseconds, .between(0, Int64.max), default: "0",
    risks: [.burn],
    since: "~6.13",
    "How long a busy-polling program may keep the queue's interrupt off",
    notes: """
      Only for epoll with prefer-busy-poll. Programs should wait longer than this timeout. When \
      the NAPI instance is recreated, this value stays while the others return to the device's.
      """)

  package static let napiThreaded = napiObject(
    "threaded", attribute: 8, .number, .between(0, 2), default: "0", risks: [.burn], since: "~6.17",
    "Poll in softirq (0), a kernel thread (1) or a busy-polling kernel thread (2)",
    notes: """
      2 (threaded busy polling) keeps a CPU busy all the time; kernels before 6.19 refuse it. The \
      thread is named "napi/DEV-ID", appears in top, and takes a CPU affinity and a scheduling \
      class. irqbalance does not manage it.
      """)

  private static let napiDevice: [Knob] = [
    deviceDeferHardIRQs, deviceGROFlushTimeout, deviceThreaded,
  ]

  package static let deviceDeferHardIRQs = deviceFile(
    "napi-defer-hard-irqs", "napi_defer_hard_irqs", .polls, .between(0, Int64(Int32.max)),
    overwrites: napiDeferHardIRQs, since: "~5.8",
    "Empty polls before an interrupt is re-enabled, for the whole device")

  package static let deviceGROFlushTimeout = deviceFile(
    "gro-flush-timeout", "gro_flush_timeout", .nanoseconds, .between(0, Int64.max),
    overwrites: napiGROFlushTimeout, since: "~3.19",
    "Delay after which GRO passes held packets on, for the whole device")

  package static let deviceThreaded = deviceFile(
    "threaded", "threaded", .number, .between(0, 1), overwrites: napiThreaded,
    since: "~5.12", "Poll all NAPI instances of the device in kernel threads")

  private static let softirq: [Knob] = [
    netdevBudget, netdevBudgetUsecs, devWeight, devWeightRxBias, devWeightTxBias,
    netdevTimestampPrequeue, skbDeferMax, memPerCPUReserve,
  ]

  package static let netdevBudget = sysctl(
    "net.core.netdev_budget", .napi,
    "Maximum packets taken from all devices in one NAPI polling cycle", .packets,
    positiveInt32, default: "300", document: Document.netSysctl, since: "~2.6.12",
    notes: """
      softnet time_squeeze counts the cycles that ended with work left. The kernel accepts 0 and \
      -1, which end every cycle at its first poll.
      """)

  package static let netdevBudgetUsecs = sysctl(
    "net.core.netdev_budget_usecs", .napi, "Maximum duration of one NAPI polling cycle",
    .microseconds, .between(2_000, Int64(Int32.max)), default: "2000000/HZ",
    document: Document.netSysctl, since: "~4.12",
    notes: "At least two ticks (8000 µs at 250 Hz); the kernel refuses less.")

  package static let devWeight = sysctl(
    "net.core.dev_weight", .napi, "Maximum packets taken in one poll of the backlog", .packets,
    positiveInt32, default: "64", document: Document.netSysctl, since: "~2.6.12",
    notes: "Applies to the backlog alone (RPS and devices without NAPI); NAPI polls take 64.")

  package static let devWeightRxBias = sysctl(
    "net.core.dev_weight_rx_bias", .napi, "Multiplier of dev_weight for receiving", .number,
    positiveInt32, default: "1", document: Document.netSysctl, since: "~4.11")

  package static let devWeightTxBias = sysctl(
    "net.core.dev_weight_tx_bias", .napi, "Multiplier of dev_weight for transmitting", .number,
    positiveInt32, default: "1", document: Document.netSysctl, since: "~4.11")

  package static let netdevTimestampPrequeue = sysctl(
    "net.core.netdev_tstamp_prequeue", .napi,
    "Timestamp packets before RPS queues them", .number, .between(0, 1),
    default: "1", document: Document.netSysctl, since: "~3.0",
    notes: "0 moves the cost to the CPU that RPS chose; the timestamp is later then.")

  package static let skbDeferMax = sysctl(
    "net.core.skb_defer_max", .napi,
    "Maximum buffers that wait to be freed by the CPU that allocated them", .packets, default: "64",
    document: Document.netSysctl, since: "~5.19", notes: "128 in newer kernels. 0 disables it."
  )

  package static let memPerCPUReserve = sysctl(
    "net.core.mem_pcpu_rsv", .napi, "Socket memory that each CPU reserves in advance", .pages,
    .between(256, Int64(Int32.max)), default: "256", document: Document.netSysctl,
    since: "~6.7",
    notes: "A larger reserve makes tcp_mem and udp_mem less exact and less contended.")

  private static func napiObject(
    _ name: String, attribute: UInt16, _ unit: Unit, _ range: Range,
    default defaultValue: String, risks: [Risk] = [], since: String, _ summary: String,
    notes: String
  ) -> Knob {
    Knob(
      id: "napi.\(name)", stage: .napi, scope: .napi, summary: summary, unit: unit, range: range,
      access: .napi(attribute), defaultValue: defaultValue,
      risks: risks, document: Document.napi, since: since,
      notes: notes + " A device that recreates its NAPI instances gives them new ids.")
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
        It applies to all NAPI instances of the device, present and future, and overwrites their \
        own values. Prefer \(overwrites.id) where the kernel has it.
        """)
  }
}
