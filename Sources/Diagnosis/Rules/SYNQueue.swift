import Knobs
import ReceivePath

extension Rule {
  /// Half-open connections fill a listener's SYN queue, whose limit is the listener's backlog, not
  /// net.ipv4.tcp_max_syn_backlog (net/ipv4/tcp_input.c, tcp_conn_request): it answers with SYN
  /// cookies, or drops the SYN.
  ///
  /// A SYN flood looks the same, and no backlog helps against it.
  static let synQueue = Rule(
    "syn-queue", "Listeners run out of room for half-open connections", .rate,
    document: "networking/ip-sysctl.rst", reads: [.somaxconn]
  ) { examination in
    examination.findings(
      ofCounters: ["TcpExtTCPReqQFullDoCookies", "TcpExtTCPReqQFullDrop"], at: .namespace,
      atLeast: synRateLimit
    ) { counter, rate in
      let drops = counter == "TcpExtTCPReqQFullDrop"
      let smallest = examination.listeners.min { $0.socket.sendQueue < $1.socket.sendQueue }
      let only = examination.listeners.count == 1 ? smallest : nil
      var evidence = [Evidence(counter, rate.perSecond, "/s", from: "/proc/net/netstat")]
      if let smallest {
        evidence.append(
          Evidence("backlog of \(smallest.name)", smallest.socket.sendQueue, from: "sock_diag"))
      }
      evidence += [examination.settings.evidence(.somaxconn)].compactMap { $0 }
      return Finding(
        drops ? .loss : .cost, at: only.map { .socket($0.name) } ?? .namespace,
        drops
          ? "Listeners drop SYNs: their queues of half-open connections are full."
          : "Listeners answer with SYN cookies: their queues of half-open connections are full.",
        evidence: evidence,
        consequence: drops
          ? "Clients try again after a second or more."
          : "Connections made by cookies lose window scaling and SACK where timestamps are off.",
        fix: longerQueue(examination, smallest), .measured)
    }
  }

  /// netdata's tcp_listen alarm warns at one a second.
  private static let synRateLimit = 1.0

  private static func longerQueue(
    _ examination: Examination, _ smallest: SocketView?
  ) -> Diagnosis.Fix {
    let flood = "A SYN flood looks the same: look for one in ss -n state syn-recv."
    // Listeners that ask for all they may have.
    if let limit = examination.settings.number(.somaxconn), limit > 0, let smallest,
      Int64(smallest.socket.sendQueue) >= limit
    {
      return .run(
        ["rxtune", "set", "\(Knob.somaxconn.id)=\(min(limit, Int64(Int32.max) / 4) * 4)"],
        remark: "Restart the listeners afterwards. " + flood)
    }
    return .advice(
      "Let the program ask for a longer queue in listen(2); net.ipv4.tcp_max_syn_backlog is not "
        + "its limit. " + flood)
  }
}
