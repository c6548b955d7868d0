/// Sockets: listeners, and the memory of TCP and UDP. Options that programs set themselves are
/// in SocketOptionKnobs.
extension Knob {
  static let socket: [Knob] = listeners + memory + socketOptions

  private static let listeners: [Knob] = [
    somaxconn, tcpMaxSYNBacklog, tcpSYNCookies, tcpAbortOnOverflow, tcpMigrateRequests,
    tcpSYNACKRetries, tcpFastOpen, tcpEarlyDemux, tcpBacklogACKDefer, tcpChildEhashEntries,
  ]

  package static let somaxconn = sysctl(
    "net.core.somaxconn", .socket, scope: .namespace, "Maximum length of a listener's accept queue",
    .connections,
    default: "4096", document: Document.ipSysctl, since: "~2.4",
    settles: .later,
    notes: """
      128 before 5.4. It caps the backlog at listen(2): a running listener must call listen(2) \
      again.
      """)

  package static let tcpMaxSYNBacklog = ip(
    "tcp_max_syn_backlog", "Maximum half-open connections per listener",
    .connections, positiveInt32, default: nil,
    notes: "Ignored while tcp_syncookies is 1 or 2. The default grows with memory.")

  package static let tcpSYNCookies = ip(
    "tcp_syncookies", "SYN cookies when a listener's SYN queue overflows", .number, .between(0, 2),
    default: "1", notes: "0: drop SYNs. 1: send cookies on overflow. 2: always send cookies.")

  package static let tcpAbortOnOverflow = ip(
    "tcp_abort_on_overflow", "Reset connections that find the accept queue full", .number,
    .between(0, 1),
    default: "0", notes: "0 lets the client retry, which rides out bursts.")

  package static let tcpMigrateRequests = ip(
    "tcp_migrate_req", "Move connections of a closing SO_REUSEPORT listener to another one",
    .flag, .any, default: "off", since: "~5.14",
    notes: "When off, connections not yet accepted are reset when a worker exits.")

  package static let tcpSYNACKRetries = ip(
    "tcp_synack_retries", "Maximum SYN-ACK retransmissions", .retries, .between(0, 255),
    default: "5")

  package static let tcpFastOpen = ip(
    "tcp_fastopen", "TCP Fast Open: 1 for clients, 2 for servers, and further bits", .number, int32,
    default: "1", since: "~3.6", notes: "A sum of bits; the kernel's document lists them.")

  package static let tcpEarlyDemux = ip(
    "tcp_early_demux", "Look up a packet's socket before its route", .number,
    .between(0, 1), default: "1", since: "~4.12",
    notes: "Helps hosts that serve connections; wasted on routers.")

  package static let tcpBacklogACKDefer = ip(
    "tcp_backlog_ack_defer", "Defer ACKs until the socket's backlog is processed", .number,
    .between(0, 1), default: "1", since: "~6.7")

  package static let tcpChildEhashEntries = ip(
    "tcp_child_ehash_entries", "Size of the connection hash table of new network namespaces",
    .entries, .between(0, 1 << 24), default: "0", since: "~6.1", settles: .later,
    notes: "0: namespaces share the host's table.")

  private static let memory: [Knob] = [
    tcpReceiveMemory, tcpSendMemory, tcpMemory, udpMemory, tcpMaxOrphans, receiveBufferMax,
    receiveBufferDefault, sendBufferMax, sendBufferDefault,
  ]

  package static let tcpReceiveMemory = ip(
    "tcp_rmem", "Receive buffer of a TCP socket", .bytes, positiveInt32,
    fields: ["minimum", "default", "maximum"], default: nil, settles: .later,
    notes: "Autotuning moves between the three. All three must be given.")

  package static let tcpSendMemory = ip(
    "tcp_wmem", "Send buffer of a TCP socket", .bytes, positiveInt32,
    fields: ["minimum", "default", "maximum"], default: nil, settles: .later,
    notes: "Autotuning moves between the three. All three must be given.")

  package static let tcpMemory = ip(
    "tcp_mem", scope: .host, "Memory limits of all TCP sockets together", .pages,
    .between(0, Int64.max),
    fields: ["low", "pressure", "high"], default: nil,
    notes: "Below low, TCP does not limit memory; above high, it drops packets.")

  package static let udpMemory = ip(
    "udp_mem", scope: .host, "Memory limits of all UDP sockets together", .pages,
    .between(0, Int64.max),
    fields: ["low", "pressure", "high"], default: nil, since: "~2.6.25")

  package static let tcpMaxOrphans = ip(
    "tcp_max_orphans", scope: .host, "Maximum TCP sockets without an owning program", .connections,
    int32,
    default: nil, notes: "Sockets beyond it are reset. The default grows with memory.")

  package static let receiveBufferMax = buffer(
    "rmem_max", "Largest receive buffer that SO_RCVBUF can request", minimum: 2_304)

  package static let receiveBufferDefault = buffer(
    "rmem_default", "Default receive buffer of sockets other than TCP", minimum: 2_304)

  package static let sendBufferMax = buffer(
    "wmem_max", "Largest send buffer that SO_SNDBUF can request", minimum: 4_608)

  package static let sendBufferDefault = buffer(
    "wmem_default", "Default send buffer of sockets other than TCP", minimum: 4_608)

  private static func ip(
    _ name: String, scope: Scope = .namespace, _ summary: String, _ unit: Unit,
    _ range: Range = int32, fields: [String] = [], default defaultValue: String?,
    since: String? = nil, settles: Settling = .exact, notes: String? = nil
  ) -> Knob {
    sysctl(
      "net.ipv4.\(name)", .socket, scope: scope, summary, unit, range, fields: fields,
      default: defaultValue, document: Document.ipSysctl, since: since, settles: settles,
      notes: notes)
  }

  private static func buffer(_ name: String, _ summary: String, minimum: Int64) -> Knob {
    sysctl(
      "net.core.\(name)", .socket, summary, .bytes, .between(minimum, Int64(Int32.max)),
      default: "212992", document: Document.netSysctl, since: "~2.4",
      settles: .later, notes: "Applies to new sockets. Read-only in a child network namespace.")
  }
}
