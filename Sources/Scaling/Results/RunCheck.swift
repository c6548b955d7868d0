import KernelIO
import ReceivePath

/// Looks for reasons not to believe a run, whoever made it.
package enum RunCheck {
  private static let stealLimit = 0.02
  static let otherLimit = 0.03
  /// A second, over all CPUs; now and then one comes by chance.
  private static let squeezeLimit = 10.0

  /// Of a load generator alone.
  ///
  /// - Parameter isServerHere: the servers are in this network namespace, so what it counted at
  ///   listeners is theirs.
  package static func warnings(
    of load: LoadResult, _ options: LoadOptions, localPorts: Int?, isServerHere: Bool
  ) -> [Warning] {
    let host = load.host
    return saturation(host, options)
      + disturbances(
        host, steal: host.stealShare,
        // Of a server on this host nobody knows what it used.
        other: isServerHere ? nil : host.otherUserShare(own: host.usage.user))
      + quotas([host]) + (isServerHere ? listeners(host) : []) + stack(host)
      + transactions(load, options, localPorts) + sizes(load.counts)
  }

  /// Of a server alone.
  package static func warnings(
    of server: HostUse, _ total: WorkerCounts, backlog: (wanted: Int32, granted: Int32)
  ) -> [Warning] {
    disturbances(server, steal: server.stealShare, other: nil) + quotas([server])
      + cut(backlog) + listeners(server) + stack(server) + refusals(total)
  }

  /// Of both halves, or with a server elsewhere of the load generator's.
  static func warnings(
    _ record: RunRecord, wanted backlog: Int32, options: LoadOptions, localPorts: Int?,
    isServerHere: Bool = true
  ) -> [Warning] {
    let server = record.server
    let isRemote = server.total.isEmpty
    var warnings = isRemote ? saturation(record.load.host, options) : saturation(record, options)
    warnings += disturbances(
      server.host, steal: record.derived.stealShare, other: record.derived.otherUserShare)
    if record.facts?.wait == .busy, let other = record.derived.otherUserShare, other > otherLimit {
      warnings.append(Warning(.busyBesideLoad, "\(Format.percent(other)) of all CPU time"))
    }
    warnings += quotas([server.host, record.load.host])
    warnings += cut((backlog, record.backlog))
    if isServerHere { warnings += listeners(server.host) }
    warnings += stack(server.host)
    warnings += transactions(record.load, options, localPorts)
    // A server elsewhere keeps its own count, and may have been told other sizes.
    warnings += isRemote ? sizes(record.load.counts) : counts(record, options)
    return warnings + refusals(server.total.total)
  }

  // MARK: The load generator's CPUs

  /// Seen by those of both halves.
  private static func saturation(_ record: RunRecord, _ options: LoadOptions) -> [Warning] {
    guard let client = record.derived.clientIdle, let server = record.derived.serverIdle,
      options.rate == nil, record.isApart,
      Idleness.isClientTheLimit(client: client, server: server)
    else { return [] }
    return [
      Warning(
        .loadLimited,
        "client CPUs \(Format.percent(client, 0)) idle, server CPUs \(Format.percent(server, 0))")
    ]
  }

  /// Seen by those that a load generator alone is pinned to, which softirqs fill as well; or by
  /// what its threads themselves used, pinned or not.
  private static func saturation(_ host: HostUse, _ options: LoadOptions) -> [Warning] {
    guard options.rate == nil else { return [] }
    let pinned = Set((0..<options.threads).compactMap(options.cpu(of:)))
    let cpus = pinned.compactMap { host.processors[$0] }.reduce(ProcessorTimes(), +)
    if let idle = cpus.idleShare, idle < Idleness.full {
      return [Warning(.clientFull, "\(Format.percent(idle, 0)) idle")]
    }
    // No more can run at once than there are CPUs.
    let seats = min(options.threads, pinned.isEmpty ? max(1, host.processors.count) : pinned.count)
    let used = (host.usage.user + host.usage.system) / (Double(seats) * host.seconds)
    guard host.seconds > 0, used > 1 - Idleness.full else { return [] }
    return [
      Warning(
        .clientFull,
        "its threads used \(Format.percent(used, 0)) of "
          + (seats == 1 ? "a CPU" : "\(seats) CPUs"))
    ]
  }

  // MARK: What the host did besides

  private static func disturbances(_ host: HostUse, steal: Double?, other: Double?) -> [Warning] {
    var warnings: [Warning] = []
    if let steal, steal > stealLimit { warnings.append(Warning(.steal, Format.percent(steal))) }
    if let other, other > otherLimit {
      warnings.append(Warning(.otherLoad, "\(Format.percent(other)) of all CPU time"))
    }
    if let throttled = host.throttled, throttled > 0 {
      warnings.append(Warning(.thermalThrottling, "\(throttled) times"))
    }
    if let drift = host.frequencyDrift, abs(drift) > 0.05 {
      warnings.append(Warning(.frequencyChanged, "by \(Format.percent(drift))"))
    }
    return warnings
  }

  /// Halves of one cgroup have the same quotas: what the longer sample saw is said.
  private static func quotas(_ hosts: [HostUse]) -> [Warning] {
    var all: [CPUThrottling] = []
    for throttling in hosts.flatMap({ $0.throttling ?? [] }) where throttling.periods > 0 {
      if let index = all.firstIndex(where: { $0.quota == throttling.quota }) {
        if all[index].periods < throttling.periods { all[index] = throttling }
      } else {
        all.append(throttling)
      }
    }
    return all.map { throttling in
      Warning(
        .cpuQuota,
        "\(throttling.quota), used up in \(throttling.periods) periods, "
          + "\(Format.fixed(Double(throttling.microseconds) / 1e6, 2)) s of waiting in all")
    }
  }

  /// Packets that it dropped or left for later on their way up.
  private static func stack(_ host: HostUse) -> [Warning] {
    guard let softnet = host.softnet else { return [] }
    var warnings: [Warning] = []
    if softnet.dropped > 0 {
      warnings.append(Warning(.softnetDrops, "\(softnet.dropped) packets"))
    }
    if Double(softnet.squeezed) > squeezeLimit * host.seconds {
      warnings.append(Warning(.softnetSqueezes, "\(softnet.squeezed) times"))
    }
    return warnings
  }

  // MARK: The server's sockets

  private static func cut(_ backlog: (wanted: Int32, granted: Int32)) -> [Warning] {
    backlog.granted < backlog.wanted
      ? [Warning(.backlogCut, "\(backlog.wanted) wanted, \(backlog.granted) granted")] : []
  }

  private static func listeners(_ host: HostUse) -> [Warning] {
    var warnings: [Warning] = []
    let overflows = host.counters["TcpExtListenOverflows"] ?? 0
    if overflows > 0 { warnings.append(Warning(.acceptQueueOverflow, "\(overflows) times")) }
    // Each overflow is counted as a drop as well.
    let drops = (host.counters["TcpExtListenDrops"] ?? 0).subtractingReportingOverflow(overflows)
    if !drops.overflow, drops.partialValue > 0 {
      warnings.append(Warning(.listenDrops, "\(drops.partialValue) requests"))
    }
    let datagrams = ["UdpRcvbufErrors", "Udp6RcvbufErrors"].reduce(0) {
      $0 &+ (host.counters[$1] ?? 0)
    }
    if datagrams > 0 { warnings.append(Warning(.receiveBufferOverflow, "\(datagrams) datagrams")) }
    return warnings
  }

  private static func refusals(_ total: WorkerCounts) -> [Warning] {
    total.refused > 0 ? [Warning(.connectionsRefused, "\(total.refused)")] : []
  }

  // MARK: What became of the transactions

  private static func transactions(
    _ load: LoadResult, _ options: LoadOptions, _ localPorts: Int?
  ) -> [Warning] {
    var warnings: [Warning] = []
    func warn(_ code: Warning.Code, _ detail: String) { warnings.append(Warning(code, detail)) }
    let counts = load.counts
    if counts.measured == 0 { warn(.nothingMeasured, nothing(counts)) }
    let again = load.host.counters["TcpExtTCPSynRetrans"] ?? 0
    if again > 0 { warn(.synRetransmits, "\(again)") }
    if counts.portsExhausted > 0 { warn(.portsExhausted, "\(counts.portsExhausted) times") }
    if let waiting = load.host.timeWait, let ports = localPorts {
      let all = ports * max(1, options.sources.count) * options.targets.count
      if waiting > all / 2 { warn(.timeWait, "\(waiting) of \(all)") }
    }
    if counts.failed > counts.portsExhausted {
      let failures: [(name: String, count: UInt64)] = [
        ("refused", counts.refused), ("broken", counts.broken), ("timed out", counts.timedOut),
        ("corrupted", counts.corrupted),
      ]
      warn(
        .transactionsFailed,
        failures.filter { $0.count > 0 }.map { "\($0.count) \($0.name)" }.joined(separator: ", "))
    }
    if counts.overdue > 0 {
      if options.exchange.workload.isAnswered {
        warn(.overdue, "\(counts.overdue) transactions never began")
      } else {
        warn(.senderBehind, "\(counts.overdue) datagrams were not sent")
      }
    }
    return warnings
  }

  /// "no transaction was done: EADDRNOTAVAIL"
  package static func nothing(_ counts: LoadCounts) -> String {
    let when = counts.transactions > 0 ? " in the time measured" : ""
    let why = counts.lastError == 0 ? "" : ": \(Errno(rawValue: counts.lastError).explained)"
    return "no transaction was done\(when)\(why)"
  }

  private static func sizes(_ counts: LoadCounts) -> [Warning] {
    counts.corrupted > 0 ? [Warning(.sizesDiffer, "\(counts.corrupted)")] : []
  }

  private static func counts(_ record: RunRecord, _ options: LoadOptions) -> [Warning] {
    let counts = record.load.counts
    let served = record.server.total.total.transactions
    guard options.exchange.workload.isAnswered else {
      if served > counts.transactions {
        return [Warning(.countsDiffer, "received \(served), sent \(counts.transactions)")]
      }
      // Flat out, loss says no more than that the sender is faster.
      guard options.rate != nil, served < counts.transactions, let loss = record.derived.loss
      else { return [] }
      return [
        Warning(
          .datagramsLost,
          "\(counts.transactions &- served) of \(counts.transactions) "
            + "(\(Format.percent(loss, 3)))")
      ]
    }
    // A response that was on its way when the client gave up is the server's alone.
    let given = counts.unfinished &+ counts.timedOut &+ counts.broken &+ counts.corrupted
    guard served < counts.transactions || served > counts.transactions &+ given else { return [] }
    return [Warning(.countsDiffer, "served \(served), received \(counts.transactions)")]
  }
}
