/// Looks for reasons not to believe a run.
package enum RunCheck {
  /// A CPU with less of its time idle counts as full.
  static let full = 0.10
  private static let stealLimit = 0.02
  private static let otherLimit = 0.03
  /// A second, over all CPUs; now and then one comes by chance.
  private static let squeezeLimit = 10.0

  /// Of a load generator alone, whose server is on another host.
  package static func warnings(of counts: LoadCounts, _ host: HostUse, _ options: LoadOptions)
    -> [Warning]
  {
    var warnings: [Warning] = []
    if options.rate == nil, let fullness = fullness(host, options) {
      warnings.append(Warning(.clientFull, fullness))
    }
    let all = host.processors.values.reduce(ProcessorTimes(), +)
    if all.total > 0, Double(all.steal) / Double(all.total) > stealLimit {
      warnings.append(Warning(.steal, Format.percent(Double(all.steal) / Double(all.total))))
    }
    if counts.corrupted > 0 { warnings.append(Warning(.sizesDiffer, "\(counts.corrupted)")) }
    return warnings
  }

  /// How a load generator alone was seen to be at its end: by its CPUs, where it is pinned, which
  /// softirqs fill as well; or by what its threads themselves used, pinned or not.
  private static func fullness(_ host: HostUse, _ options: LoadOptions) -> String? {
    let pinned = Set((0..<options.threads).compactMap(options.cpu(of:)))
    let cpus = pinned.compactMap { host.processors[$0] }.reduce(ProcessorTimes(), +)
    if let idle = cpus.idleShare, idle < full { return "\(Format.percent(idle, 0)) idle" }
    // No more can run at once than there are CPUs.
    let seats = min(options.threads, pinned.isEmpty ? max(1, host.processors.count) : pinned.count)
    let used = (host.usage.user + host.usage.system) / (Double(seats) * host.seconds)
    guard host.seconds > 0, used > 1 - full else { return nil }
    return "its threads used \(Format.percent(used, 0)) of "
      + (seats == 1 ? "a CPU" : "\(seats) CPUs")
  }

  static func warnings(
    _ record: RunRecord, wanted backlog: Int32, options: LoadOptions,
    localPorts: Int?
  ) -> [Warning] {
    var warnings: [Warning] = []
    let derived = record.derived
    let counts = record.load.counts
    func warn(_ code: Warning.Code, _ detail: String) { warnings.append(Warning(code, detail)) }

    if let client = derived.clientIdle, let server = derived.serverIdle, options.rate == nil,
      Set(record.serverCPUs).isDisjoint(with: record.clientCPUs), client < full,
      server > client + 0.05
    {
      warn(
        .loadLimited,
        "client CPUs \(Format.percent(client, 0)) idle, server CPUs \(Format.percent(server, 0))")
    }
    if let steal = derived.stealShare, steal > stealLimit {
      warn(.steal, Format.percent(steal))
    }
    if let other = derived.otherUserShare, other > otherLimit {
      warn(.otherLoad, "\(Format.percent(other)) of all CPU time")
    }
    let host = record.server.host
    if let throttled = host.throttled, throttled > 0 {
      warn(.thermalThrottling, "\(throttled) times")
    }
    if let drift = host.frequencyDrift, abs(drift) > 0.05 {
      warn(.frequencyChanged, "by \(Format.percent(drift))")
    }
    if record.backlog < backlog {
      warn(.backlogCut, "\(backlog) wanted, \(record.backlog) granted")
    }
    let overflows = host.counters["ListenOverflows"] ?? 0
    if overflows > 0 { warn(.acceptQueueOverflow, "\(overflows) times") }
    let drops = (host.counters["ListenDrops"] ?? 0).subtractingReportingOverflow(overflows)
    if !drops.overflow, drops.partialValue > 0 {
      warn(.listenDrops, "\(drops.partialValue) requests")
    }
    if let softnet = host.softnet {
      if softnet.dropped > 0 { warn(.softnetDrops, "\(softnet.dropped) packets") }
      if Double(softnet.squeezed) > squeezeLimit * host.seconds {
        warn(.softnetSqueezes, "\(softnet.squeezed) times")
      }
    }
    let again = record.load.host.counters["TCPSynRetrans"] ?? 0
    if again > 0 { warn(.synRetransmits, "\(again)") }
    if counts.portsExhausted > 0 { warn(.portsExhausted, "\(counts.portsExhausted) times") }
    if let waiting = record.load.host.timeWait, let ports = localPorts {
      let all = ports * max(1, options.sources.count) * options.targets.count
      if waiting > all / 2 { warn(.timeWait, "\(waiting) of \(all)") }
    }
    let failed = counts.failed &- counts.portsExhausted
    if failed > 0 {
      warn(
        .transactionsFailed,
        "\(counts.refused) refused, \(counts.broken) broken, \(counts.timedOut) timed out, "
          + "\(counts.corrupted) corrupted")
    }
    let served = record.server.total.total.transactions
    // A response that was on its way when the client gave up is the server's alone.
    let given = counts.unfinished &+ counts.timedOut &+ counts.broken &+ counts.corrupted
    if record.server.total.isEmpty {
      // A server elsewhere keeps its own count.
    } else if served < counts.transactions || served > counts.transactions &+ given {
      warn(.countsDiffer, "served \(served), received \(counts.transactions)")
    }
    if counts.overdue > 0 { warn(.overdue, "\(counts.overdue) transactions never began") }
    let refused = record.server.total.total.refused
    if refused > 0 { warn(.connectionsRefused, "\(refused)") }
    return warnings
  }
}
