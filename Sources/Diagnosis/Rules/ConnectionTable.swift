import ReceivePath

extension Rule {
  /// The table of tracked connections is nearly full (networking/nf_conntrack-sysctl.rst): beyond
  /// nf_conntrack_max packets of new connections are dropped.
  static let connectionTable = Rule(
    "conntrack", "The table of tracked connections is nearly full", .state,
    document: "networking/nf_conntrack-sysctl.rst"
  ) { examination in
    guard let reading = examination.now.readings?.connectionTracking else {
      return [.unchecked(nil, "the tracked connections were not read")]
    }
    guard let table = reading.value else {
      // nf_conntrack is not loaded.
      let reason = reading.absence?.reason ?? .unreadable
      return reason == .notSupported
        ? [] : [.unchecked(nil, "the tracked connections are \(reason.words)")]
    }
    // 0 is no limit (nf_conntrack_core.c, __nf_conntrack_alloc).
    guard table.maximum > 0, Double(table.count) > Double(table.maximum) * tableLimit else {
      return []
    }
    let isFull = table.count >= table.maximum
    let doubled = min(table.maximum, Int(Int32.max) / 2) * 2
    return [
      .finding(
        Finding(
          isFull ? .loss : .risk, at: .namespace,
          isFull
            ? "The table of tracked connections is full."
            : "The table of tracked connections is nearly full.",
          evidence: [
            Evidence(
              "nf_conntrack_count", table.count, from: "/proc/sys/net/netfilter/nf_conntrack_count"),
            Evidence(
              "nf_conntrack_max", table.maximum, from: "/proc/sys/net/netfilter/nf_conntrack_max"),
          ],
          consequence: isFull
            ? "Packets of new connections are dropped."
            : "Once it is full, packets of new connections are dropped.",
          fix: .run(
            ["sysctl", "-w", "net.netfilter.nf_conntrack_max=\(doubled)"],
            remark: "It is the host's: a container cannot write it. Spare the table connections "
              + "that need no tracking (notrack)."), .measured))
    ]
  }

  /// node_exporter's mixin, NodeHighNumberConntrackEntriesUsed.
  private static let tableLimit = 0.75
}
