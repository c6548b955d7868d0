import Knobs
import ReceivePath

extension Rule {
  /// net.ipv4.tcp_max_syn_backlog was raised, and SYN cookies are on: the kernel does not look at it
  /// then (net/ipv4/tcp_input.c, tcp_conn_request).
  ///
  /// Its default grows with memory: powers of two up to 4096 (net/ipv4/tcp_ipv4.c, tcp_sk_init;
  /// net/ipv4/tcp.c, tcp_init), so that only others were surely set by hand. They harm nobody: a note,
  /// never a finding.
  static let synBacklogMyth = Rule(
    "syn-backlog-myth", "A raised tcp_max_syn_backlog has no effect: SYN cookies are on",
    .state,
    document: "networking/ip-sysctl.rst", reads: [.tcpMaxSYNBacklog, .tcpSYNCookies]
  ) { examination in
    guard let backlog = examination.settings.number(.tcpMaxSYNBacklog),
      let cookies = examination.settings.number(.tcpSYNCookies)
    else { return [.unchecked(nil, "tcp_max_syn_backlog or tcp_syncookies is not known")] }
    guard cookies != 0, backlog > largestSYNBacklog else { return [] }
    return [
      .note(
        Note(
          at: .namespace,
          "net.ipv4.tcp_max_syn_backlog is \(backlog), and has no effect while SYN cookies are on: a "
            + "listener's backlog limits its half-open connections. For more of them, raise the "
            + "backlog in listen(2), and net.core.somaxconn above it.",
          evidence: [
            examination.settings.evidence(.tcpMaxSYNBacklog),
            examination.settings.evidence(.tcpSYNCookies),
          ].compactMap { $0 }))
    ]
  }

  /// The default of a host with much memory: 524288 entries of the connection hash table by 128.
  private static let largestSYNBacklog: Int64 = 4096
}
