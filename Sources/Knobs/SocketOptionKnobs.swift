/// Options that a program sets on its own sockets: socket(7), tcp(7). Explained here, and used by
/// the benchmarks; nothing outside of the program can read or set them.
extension Knob {
  static let socketOptions: [Knob] = [
    soReusePort, soAttachReusePortCBPF, soAttachReusePortEBPF, soDetachReusePortBPF, soIncomingCPU,
    soIncomingNAPIID, soBusyPoll, soPreferBusyPoll, soBusyPollBudget, soReceiveBuffer,
    soReceiveBufferForce, soTxRehash, tcpDeferAccept, tcpFastOpenQueue,
  ]

  package static let soReusePort = option(
    "SO_REUSEPORT", 15, .flag,
    "Several sockets share one port; the kernel spreads connections over them",
    since: "~3.9",
    notes: """
      Set it on every socket of the group before bind(2), as the same effective user. Each socket \
      has its own accept queue; the hash of a connection's addresses and ports chooses one.
      """)

  package static let soAttachReusePortCBPF = option(
    "SO_ATTACH_REUSEPORT_CBPF", 51, .text,
    "A classic BPF program chooses the socket of a SO_REUSEPORT group", since: "~4.5",
    notes: """
      The program returns the socket's index, in the order of bind(2). Needs no privilege.
      """)

  package static let soAttachReusePortEBPF = option(
    "SO_ATTACH_REUSEPORT_EBPF", 52, .text,
    "An eBPF program chooses the socket of a SO_REUSEPORT group",
    since: "~4.5")

  package static let soDetachReusePortBPF = option(
    "SO_DETACH_REUSEPORT_BPF", 68, .flag, "Detach the BPF program of a SO_REUSEPORT group",
    since: "~5.3")

  package static let soIncomingCPU = option(
    "SO_INCOMING_CPU", 49, .number,
    "CPU that processed the last packet; when set, the CPU that the socket serves",
    range: .between(-1, Int64(Int32.max)), since: "~4.4",
    notes: """
      Since about 6.2 it counts when the kernel chooses a socket of a SO_REUSEPORT group.
      """)

  package static let soIncomingNAPIID = option(
    "SO_INCOMING_NAPI_ID", 56, .number, "NAPI instance that received the last packet",
    since: "~4.12", writable: false,
    notes: """
      0 on listeners, over loopback and for devices without NAPI. Programs use it to assign \
      connections to threads.
      """)

  package static let soBusyPoll = option(
    "SO_BUSY_POLL", 46, .microseconds,
    "How long a blocking read of the socket busy-polls the queue",
    risks: [.burn], since: "~3.11")

  package static let soPreferBusyPoll = option(
    "SO_PREFER_BUSY_POLL", 69, .flag, "Keep the queue's interrupt off while the program polls",
    risks: [.burn], since: "~5.11", notes: "Needs CAP_NET_ADMIN.")

  package static let soBusyPollBudget = option(
    "SO_BUSY_POLL_BUDGET", 70, .packets, "Maximum packets taken in one busy poll of the socket",
    range: .between(0, Int64(UInt16.max)), since: "~5.11",
    notes: "Needs CAP_NET_ADMIN. It cannot be read back.")

  package static let soReceiveBuffer = option(
    "SO_RCVBUF", 8, .bytes, "Receive buffer of the socket; setting it turns autotuning off",
    since: "~1.2",
    notes: "The kernel caps it at net.core.rmem_max and doubles it.")

  package static let soReceiveBufferForce = option(
    "SO_RCVBUFFORCE", 33, .bytes, "Receive buffer of the socket, beyond net.core.rmem_max",
    since: "2.6.14",
    notes: "Needs CAP_NET_ADMIN.")

  package static let soTxRehash = option(
    "SO_TXREHASH", 74, .number, "Let a connection in trouble take another path",
    range: .between(-1, 1), since: "~5.18")

  package static let tcpDeferAccept = option(
    "TCP_DEFER_ACCEPT", 9, .number, level: tcp,
    "Seconds that accept(2) waits for the first data of a connection",
    since: "~2.4")

  package static let tcpFastOpenQueue = option(
    "TCP_FASTOPEN", 23, .connections, level: tcp, "Length of a listener's TCP Fast Open queue",
    since: "~3.7", notes: "Needs the server bit (2) of net.ipv4.tcp_fastopen.")

  private static let tcp: Int32 = 6

  private static func option(
    _ name: String, _ number: Int32, _ unit: Unit, level: Int32 = 1, _ summary: String,
    range: Range? = nil, risks: [Risk] = [], since: String, writable: Bool = true,
    notes: String? = nil
  ) -> Knob {
    Knob(
      id: "socket." + name.lowercased().map { $0 == "_" ? "-" : String($0) }.joined(),
      aliases: [name], stage: .socket, scope: .socket, summary: summary, unit: unit,
      range: range ?? (unit == .flag || unit == .text ? .any : int32),
      access: .socketOption(level: level, option: number), risks: risks,
      document: level == tcp ? "tcp(7)" : "socket(7)", since: since, notes: notes,
      isWritable: writable)
  }
}
