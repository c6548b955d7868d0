package import Scaling

/// What both halves tell alike.
private enum HalfText {
  /// Of this process.
  static func cost(_ use: HostUse, _ transactions: UInt64) -> String {
    let each = 1e6 / Double(max(1, transactions))
    return "CPU a transaction: \(Format.fixed(use.usage.user * each, 3)) µs user, "
      + "\(Format.fixed(use.usage.system * each, 3)) µs system"
  }
}

/// What one server did, for `bench serve`.
package enum ServerText {
  package static func text(_ workers: [WorkerCounts], _ use: HostUse) -> String {
    let total = workers.total
    var lines = [
      "\(total.transactions) transactions on \(total.accepted) connections in "
        + "\(Format.fixed(use.seconds, 1)) s"
    ]
    for (index, worker) in workers.enumerated() {
      lines.append(
        "worker \(index): \(worker.accepted) accepted, \(worker.transactions) transactions, "
          + "\(worker.wakeUps) wake-ups, \(worker.emptyWakeUps) for nothing")
    }
    if total.transactions > 0 {
      lines.append(HalfText.cost(use, total.transactions))
    }
    let lost = ["ListenOverflows", "ListenDrops", "TCPMigrateReqSuccess", "TCPMigrateReqFailure"]
    for name in lost {
      if let count = use.counters[name], count > 0 { lines.append("\(name) \(count)") }
    }
    if total.refused > 0 { lines.append("\(total.refused) connections could not be taken") }
    if total.broken > 0 { lines.append("\(total.broken) connections broke") }
    return lines.joined(separator: "\n")
  }
}

/// What load came to, for `bench load`.
package enum LoadText {
  package static func text(_ result: LoadResult) -> String {
    var lines = [
      "\(Format.fixed(result.rate, 0)) transactions/s over \(Format.fixed(result.seconds, 1)) s"
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
      ("without a free port", counts.portsExhausted), ("corrupted", counts.corrupted),
      ("unfinished", counts.unfinished), ("never begun", counts.overdue),
    ]
    for (name, count) in failures where count > 0 { lines.append("\(count) \(name)") }
    return lines.joined(separator: "\n")
  }
}
