/// Busy polling: programs that poll their queue rather than wait (networking/napi.rst).
extension Knob {
  static let busyPolling: [Knob] = [
    busyPoll, busyRead, epollBusyPollUsecs, epollBusyPollBudget, epollPreferBusyPoll,
  ]

  package static let busyPoll = sysctl(
    "net.core.busy_poll", .napi, "How long poll(2) and select(2) busy-poll the device's queues",
    .microseconds, default: "0", risks: [.burn], document: Document.netSysctl, since: "~3.11",
    notes: "The kernel's document suggests 50 µs, or 100 µs for several hundred sockets.")

  package static let busyRead = sysctl(
    "net.core.busy_read", .napi, "How long a blocking read busy-polls the device's queue",
    .microseconds, default: "0", risks: [.burn], document: Document.netSysctl, since: "~3.11",
    notes: "The default of SO_BUSY_POLL for new sockets.")

  package static let epollBusyPollUsecs = epoll(
    "busy-poll-usecs", "busy_poll_usecs", .microseconds, uint32,
    "How long epoll_wait(2) busy-polls the queue of its sockets")

  package static let epollBusyPollBudget = epoll(
    "busy-poll-budget", "busy_poll_budget", .packets, .between(0, Int64(UInt16.max)),
    "Maximum packets taken in one busy poll of epoll_wait(2)",
    notes: "More than 64 needs CAP_NET_ADMIN.")

  package static let epollPreferBusyPoll = epoll(
    "prefer-busy-poll", "prefer_busy_poll", .flag, .any,
    "Keep the queue's interrupt off while the program polls often enough",
    notes: """
      Use it with napi.irq-suspend-timeout, or with defer-hard-irqs and gro-flush-timeout.
      """)

  private static func epoll(
    _ name: String, _ field: String, _ unit: Unit, _ range: Range, _ summary: String,
    notes: String? = nil
  ) -> Knob {
    Knob(
      id: "epoll.\(name)", stage: .napi, scope: .socket, summary: summary, unit: unit,
      range: range, access: .epollParameters(field), defaultValue: unit == .flag ? "off" : "0",
      risks: [.burn], document: Document.napi, since: "~6.9",
      notes: (notes.map { $0 + " " } ?? "")
        + """
        All sockets of one epoll instance should belong to one NAPI instance: see \
        SO_INCOMING_NAPI_ID.
        """)
  }
}
