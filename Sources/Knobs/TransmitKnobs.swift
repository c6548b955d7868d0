/// The transmit side that is tuned together with receiving: which queue a CPU sends on, and how
/// much waits there.
extension Knob {
  static let transmit: [Knob] = [
    xpsCPUs, xpsRxQueues, txMaxRate, bqlLimitMin, bqlLimitMax, bqlHoldTime, bqlStallThreshold,
    defaultQdisc, txQueueLength,
  ]

  package static let xpsCPUs = Knob(
    id: "queue.xps-cpus", aliases: ["xps.cpus"], stage: .transmit, scope: .txQueue,
    summary: "CPUs that transmit on the queue (XPS)", unit: .cpus, range: .existing,
    access: .queueFile("xps_cpus"), document: Document.scaling, since: "2.6.38",
    notes: """
      A device with a single transmit queue has no XPS (ENOENT). The mask is lost when the queue \
      is removed.
      """)

  package static let xpsRxQueues = Knob(
    id: "queue.xps-rxqs", aliases: ["xps.rxqs"], stage: .transmit, scope: .txQueue,
    summary: "Receive queues whose connections transmit on the queue (XPS)", unit: .rxQueues,
    range: .existing, access: .queueFile("xps_rxqs"), document: Document.scaling, since: "4.18",
    notes: """
      It takes precedence over queue.xps-cpus. The mask is lost when the queue is removed.
      """)

  package static let txMaxRate = Knob(
    id: "queue.tx-maxrate", stage: .transmit, scope: .txQueue,
    summary: "Rate limit of the transmit queue",
    unit: .megabitsPerSecond, range: uint32, access: .queueFile("tx_maxrate"),
    defaultValue: "0", document: Document.queues, since: "4.1",
    notes: "0 means no limit. Few drivers support it.")

  package static let bqlLimitMin = bytes(
    "limit-min", "limit_min", default: "0", "Minimum of the byte queue limit (BQL)")

  package static let bqlLimitMax = bytes(
    "limit-max", "limit_max", default: "1879048192",
    "Maximum of the byte queue limit (BQL)")

  package static let bqlHoldTime = time(
    "hold-time", "hold_time", default: "1000", since: "3.3",
    "Time over which BQL measures slack before it lowers the limit")

  package static let bqlStallThreshold = time(
    "stall-thrs", "stall_thrs", default: "0", since: "6.9",
    "Threshold of transmit stall detection")

  package static let defaultQdisc = sysctl(
    "net.core.default_qdisc", .transmit, "Queueing discipline of new devices", .text, .any,
    default: "pfifo_fast", document: Document.netSysctl, since: "~3.12", settles: .later,
    notes: "The kernel refuses a name whose module is missing (ENOENT).")

  package static let txQueueLength = Knob(
    id: "link.tx-queue-len", aliases: ["link.txqueuelen", "txqueuelen"], stage: .transmit,
    scope: .device, summary: "Maximum packets in the device's queueing discipline",
    unit: .packets, range: uint32, access: .link(13), defaultValue: "1000", settles: .later,
    document: Document.device, since: "~2.2",
    notes: "Some queueing disciplines read it only when they are created.")

  private static func bytes(
    _ name: String, _ file: String, default defaultValue: String, _ summary: String
  ) -> Knob {
    Knob(
      id: "queue.byte-queue-limits.\(name)", aliases: ["queue.bql-\(name)"], stage: .transmit,
      scope: .txQueue, summary: summary, unit: .bytes,
      // DQL_MAX_LIMIT of linux/dynamic_queue_limits.h.
      range: .between(0, 1_879_048_192), access: .queueFile("byte_queue_limits/\(file)"),
      defaultValue: defaultValue, document: Document.queues, since: "3.3",
      notes: "Absent for drivers without byte queue limits.")
  }

  private static func time(
    _ name: String, _ file: String, default defaultValue: String, since: String, _ summary: String
  ) -> Knob {
    Knob(
      id: "queue.byte-queue-limits.\(name)", aliases: ["queue.bql-\(name)"], stage: .transmit,
      scope: .txQueue, summary: summary, unit: .milliseconds, range: int32,
      access: .queueFile("byte_queue_limits/\(file)"), defaultValue: defaultValue,
      document: Document.queues, since: since,
      notes: "Absent for drivers without byte queue limits.")
  }
}
