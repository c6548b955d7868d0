/// What one server did, for `bench serve`.
package enum ServerSummary {
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
      let each = 1e6 / Double(total.transactions)
      lines.append(
        "CPU a transaction: \(Format.fixed(use.usage.user * each, 2)) µs user, "
          + "\(Format.fixed(use.usage.system * each, 2)) µs system")
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
package enum LoadSummary {
  package static func text(_ result: LoadResult) -> String {
    var lines = [
      "\(Format.fixed(result.rate, 0)) transactions/s over \(Format.fixed(result.seconds, 1)) s"
    ]
    if let latency = result.latency {
      let parts = LatencySummary.percentiles.map {
        "\($0.name) \(Format.microseconds($0.value(latency)))"
      }
      lines.append("latency " + parts.joined(separator: "  ") + "  max "
        + Format.microseconds(latency.max))
    }
    let counts = result.counts
    let failures: [(String, UInt64)] = [
      ("refused", counts.refused), ("broken", counts.broken), ("timed out", counts.timedOut),
      ("without a free port", counts.portsExhausted), ("corrupted", counts.corrupted),
      ("unfinished", counts.unfinished), ("never begun", counts.overdue),
    ]
    for (name, count) in failures where count > 0 { lines.append("\(count) \(name)") }
    return lines.joined(separator: "\n")
  }
}

/// Numbers as people read them.
package enum Format {
  /// A number with that many decimals; "–" where it is none.
  package static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "–" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = (abs(value) * scale).rounded()
    let sign = value < 0 && scaled > 0 ? "-" : ""
    let whole = UInt64(scaled / scale)
    guard decimals > 0 else { return "\(sign)\(UInt64(scaled))" }
    let rest = String(UInt64(scaled - Double(whole) * scale))
    return "\(sign)\(whole)." + String(repeating: "0", count: max(0, decimals - rest.count)) + rest
  }

  /// Nanoseconds in µs, three digits.
  package static func microseconds(_ nanoseconds: UInt64) -> String {
    let value = Double(nanoseconds) / 1000
    return fixed(value, value < 10 ? 2 : value < 100 ? 1 : 0) + " µs"
  }

  /// 31234 → "31.2 k".
  package static func rate(_ value: Double) -> String {
    switch abs(value) {
    case 1e6...: fixed(value / 1e6, 2) + " M"
    case 1e3...: fixed(value / 1e3, 1) + " k"
    default: fixed(value, 0)
    }
  }

  package static func percent(_ share: Double, _ decimals: Int = 1) -> String {
    fixed(share * 100, decimals) + " %"
  }
}
