/// Busy polling: programs that poll their queue rather than wait (networking/napi.rst).
extension Knob {
  static let busyPolling: [Knob] = [
    busyPoll, busyRead, epollBusyPollUsecs, epollBusyPollBudget, epollPreferBusyPoll,
  ]

  package static let busyPoll = sysctl(
    "net.core.busy_poll", .napi, "Time that poll(2) and select(2) poll the device's queues",
    .microseconds, default: "0", risks: [.burn], document: Document.netSysctl, since: "~3.11",
    notes: "The kernel's document suggests 50, or 100 for several hundred sockets.")

  package static let busyRead = sysctl(
    "net.core.busy_read", .napi, "Time that a blocking read polls the device's queue",
    .microseconds, default: "0", risks: [.burn], document: Document.netSysctl, since: "~3.11",
    notes: "The default of SO_BUSY_POLL for sockets made from now on.")

  package static let epollBusyPollUsecs = epoll(
    "busy-poll-usecs", "busy_poll_usecs", .microseconds, uint32,
    "Time that epoll_wait(2) polls the queue of the sockets it watches")

  package static let epollBusyPollBudget = epoll(
    "busy-poll-budget", "busy_poll_budget", .packets, .between(0, Int64(UInt16.max)),
    "Packets that each of these polls takes at most",
    notes: "More than 64 needs CAP_NET_ADMIN.")

  package static let epollPreferBusyPoll = epoll(
    "prefer-busy-poll", "prefer_busy_poll", .flag, .any,
    "The queue's interrupt stays off while the program polls often enough",
    notes: "Of use with napi.irq-suspend-timeout, or defer-hard-irqs and gro-flush-timeout.")

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
        All sockets of one epoll should come from one NAPI instance: see SO_INCOMING_NAPI_ID.
        """)
  }
}
