/// The transmit side that is tuned together with receiving: which queue a CPU sends on, and how
/// much waits there.
extension Knob {
  static let transmit: [Knob] = [
    xpsCPUs, xpsRxQueues, txMaxRate, bqlLimitMin, bqlLimitMax, bqlHoldTime, bqlStallThreshold,
    defaultQdisc, txQueueLength,
  ]

  package static let xpsCPUs = Knob(
    id: "queue.xps-cpus", aliases: ["xps.cpus"], stage: .transmit, scope: .txQueue,
    summary: "CPUs that send on the queue", unit: .cpus, range: .existing,
    access: .queueFile("xps_cpus"), document: Document.scaling, since: "2.6.38",
    notes: """
      A device with one transmit queue has none (ENOENT). The mask is lost when the queue goes.
      """)

  package static let xpsRxQueues = Knob(
    id: "queue.xps-rxqs", aliases: ["xps.rxqs"], stage: .transmit, scope: .txQueue,
    summary: "Receive queues whose connections send on the queue", unit: .rxQueues,
    range: .existing, access: .queueFile("xps_rxqs"), document: Document.scaling, since: "4.18",
    notes: "It goes before queue.xps-cpus. The mask is lost when the queue goes.")

  package static let txMaxRate = Knob(
    id: "queue.tx-maxrate", stage: .transmit, scope: .txQueue, summary: "Rate limit of the queue",
    unit: .megabitsPerSecond, range: uint32, access: .queueFile("tx_maxrate"),
    defaultValue: "0", document: Document.queues, since: "4.1",
    notes: "0 is no limit. Few drivers have it.")

  package static let bqlLimitMin = bytes(
    "limit-min", "limit_min", default: "0", "Bytes that may always wait in the device's queue")

  package static let bqlLimitMax = bytes(
    "limit-max", "limit_max", default: "1879048192",
    "Bytes that may wait in the device's queue at most")

  package static let bqlHoldTime = time(
    "hold-time", "hold_time", default: "1000", since: "3.3",
    "How long slack is watched before the limit shrinks")

  package static let bqlStallThreshold = time(
    "stall-thrs", "stall_thrs", default: "0", since: "6.9",
    "Age of a waiting packet that counts as a stall")

  package static let defaultQdisc = sysctl(
    "net.core.default_qdisc", .transmit, "Queueing discipline that new devices get", .text, .any,
    default: "pfifo_fast", document: Document.netSysctl, since: "~3.12", settles: .later,
    notes: "Its module must be there: an unknown name is refused (ENOENT).")

  package static let txQueueLength = Knob(
    id: "link.tx-queue-len", aliases: ["link.txqueuelen", "txqueuelen"], stage: .transmit,
    scope: .device, summary: "Packets that the device's queueing discipline holds",
    unit: .packets, range: uint32, access: .link(13), defaultValue: "1000", settles: .later,
    document: Document.device, since: "~2.2",
    notes: "Some queueing disciplines read it only when they are made.")

  private static func bytes(
    _ name: String, _ file: String, default defaultValue: String, _ summary: String
  ) -> Knob {
    Knob(
      id: "queue.byte-queue-limits.\(name)", aliases: ["queue.bql-\(name)"], stage: .transmit,
      scope: .txQueue, summary: summary, unit: .bytes,
      // DQL_MAX_LIMIT of linux/dynamic_queue_limits.h.
      range: .between(0, 1_879_048_192), access: .queueFile("byte_queue_limits/\(file)"),
      defaultValue: defaultValue, document: Document.queues, since: "3.3",
      notes: "Drivers without byte queue limits have no such file.")
  }

  private static func time(
    _ name: String, _ file: String, default defaultValue: String, since: String, _ summary: String
  ) -> Knob {
    Knob(
      id: "queue.byte-queue-limits.\(name)", aliases: ["queue.bql-\(name)"], stage: .transmit,
      scope: .txQueue, summary: summary, unit: .milliseconds, range: int32,
      access: .queueFile("byte_queue_limits/\(file)"), defaultValue: defaultValue,
      document: Document.queues, since: since,
      notes: "Drivers without byte queue limits have no such file.")
  }
}
