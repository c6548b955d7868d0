import ReceivePath
package import Scaling

/// What both halves tell alike.
enum HalfText {
  /// Of a server's threads; of a load generator's process.
  static func cost(_ use: HostUse, _ transactions: UInt64) -> String {
    let each = 1e6 / Double(max(1, transactions))
    return "CPU per transaction: \(Format.fixed(use.usage.user * each, 3)) µs user, "
      + "\(Format.fixed(use.usage.system * each, 3)) µs system"
  }

  /// Beside a rate it tells whose limit that is.
  static func idle(_ use: HostUse, _ cpus: [Int]) -> String? {
    let shares = use.idleShares(of: cpus)
    guard let least = shares.min(by: { $0.share < $1.share }) else { return nil }
    guard shares.count > 8 else {
      return "idle: "
        + shares.map { "CPU \($0.cpu) \(Format.percent($0.share, 0))" }.joined(separator: ", ")
    }
    let mean = shares.reduce(0) { $0 + $1.share } / Double(shares.count)
    return "idle: \(Format.percent(mean, 0)) of \(shares.count) CPUs, least CPU \(least.cpu) with "
      + Format.percent(least.share, 0)
  }

  /// Counters of the host's, or its namespace's, that tell of trouble.
  static func counters(_ names: [String], _ use: HostUse) -> [String] {
    names.compactMap { name in
      use.counters[name].flatMap { $0 > 0 ? "\(name) \($0)" : nil }
    }
  }
}

extension HostUse {
  /// The share of its time that each CPU of a half's was idle; all CPUs where it is not pinned.
  func idleShares(of cpus: [Int]) -> [(cpu: Int, share: Double)] {
    processors.filter { cpus.isEmpty || cpus.contains($0.key) }
      .compactMap { cpu, times in times.idleShare.map { (cpu: cpu, share: $0) } }
      .sorted { $0.cpu < $1.cpu }
  }
}

/// What one server did, for `bench serve`.
package enum ServerText {
  /// What tells of connections that were lost, or moved between listeners.
  static let counters = [
    "TcpExtListenOverflows", "TcpExtListenDrops", "TcpExtTCPMigrateReqSuccess",
    "TcpExtTCPMigrateReqFailure", "UdpRcvbufErrors", "Udp6RcvbufErrors",
  ]

  package static func text(
    _ workers: [WorkerCounts], _ use: HostUse, _ cpus: [Int], _ warnings: [Warning]
  ) -> String {
    let total = workers.total
    var lines = [
      "\(total.transactions) transactions on \(total.accepted) connections in "
        + "\(Format.fixed(use.seconds, 1)) s"
    ]
    for (index, worker) in workers.enumerated() {
      lines.append(
        "worker \(index): \(worker.accepted) accepted, \(worker.transactions) transactions, "
          + "\(worker.wakeUps) wake-ups, \(worker.emptyWakeUps) found nothing")
    }
    if total.transactions > 0 {
      lines.append(HalfText.cost(use, total.transactions))
    }
    if let idle = HalfText.idle(use, cpus) { lines.append(idle) }
    lines += HalfText.counters(counters, use)
    if total.refused > 0 { lines.append("\(total.refused) connections could not be accepted") }
    if total.broken > 0 { lines.append("\(total.broken) connections broke") }
    lines += warnings.map { "warning: \($0.text)" }
    return lines.joined(separator: "\n")
  }
}

/// What load came to, for `bench load`.
package enum LoadText {
  static let counters = ["TcpExtTCPSynRetrans"]

  package static func text(
    _ result: LoadResult, _ options: LoadOptions, _ warnings: [Warning]
  ) -> String {
    let isAnswered = options.exchange.workload.isAnswered
    var lines = [
      "\(Format.fixed(result.rate, 0)) \(isAnswered ? "transactions/s" : "datagrams/s sent") over "
        + "\(Format.fixed(result.seconds, 1)) s"
    ]
    if let latency = result.latency {
      let parts = LatencySummary.percentiles.map {
        "\($0.name) \(Format.microseconds($0.value(latency)))"
      }
      lines.append(
        "latency " + parts.joined(separator: "  ") + "  max "
          + Format.microseconds(latency.max))
    }
    let counts = result.counts
    if counts.measured > 0 { lines.append(HalfText.cost(result.host, counts.measured)) }
    let failures: [(String, UInt64)] = [
      ("refused", counts.refused), ("broken", counts.broken), ("timed out", counts.timedOut),
      ("failed for lack of a free port", counts.portsExhausted), ("corrupted", counts.corrupted),
      ("unfinished", counts.unfinished), ("never started", counts.overdue),
    ]
    if let idle = HalfText.idle(result.host, options.cpus) { lines.append(idle) }
    for (name, count) in failures where count > 0 { lines.append("\(count) \(name)") }
    lines += HalfText.counters(counters, result.host)
    lines += warnings.map { "warning: \($0.text)" }
    return lines.joined(separator: "\n")
  }
}
