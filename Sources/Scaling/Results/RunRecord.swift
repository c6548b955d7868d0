import ReceivePath

/// One run of one mode: what was measured and what follows from it.
package struct RunRecord: Codable, Hashable, Sendable {
  package var mode: ListenerMode
  package var workers: Int
  /// The state of the host that it was measured in, and what that state changed.
  package var variant: String?
  package var changes: [String]?
  package var round: Int
  /// Seconds since 1970.
  package var started: Double
  package var connections: Int
  /// Of a packet backend, how it really worked.
  package var facts: BackendFacts?
  /// What the kernel granted.
  package var backlog: Int32
  package var serverCPUs: [Int]
  package var clientCPUs: [Int]
  package var load: LoadResult
  package var server: ServerResult
  package var derived: Derived
  package var warnings: [Warning]

  /// Figures that are worked out of `load` and `server`, kept so that readers need not.
  package struct Derived: Codable, Hashable, Sendable {
    /// Transactions a second; of `receive`, datagrams that arrived.
    package var rate: Double
    /// Of `receive`: datagrams a second that were sent, and the share of all that never arrived.
    package var offered: Double?
    package var loss: Double?
    /// Of the server process, µs a transaction (getrusage).
    package var userMicroseconds: Double?
    package var systemMicroseconds: Double?
    /// Of the whole host, µs a transaction (/proc/stat): softirq is charged to whoever was
    /// interrupted, so only the sum over all CPUs is to be trusted.
    package var host: HostCost?
    /// Of the server, a transaction.
    package var voluntarySwitches: Double?
    package var involuntarySwitches: Double?
    package var wakeUps: Double?
    package var emptyWakeUps: Double?
    /// nil with one worker.
    package var balance: Balance?
    /// The share of samples whose packets came in on the worker's CPU; nil of UDP, where the kernel
    /// does not tell.
    package var locality: Double?
    /// The share of its time that a CPU was idle; means over the server's and the client's.
    package var serverIdle: Double?
    package var clientIdle: Double?
    /// The host's, over all CPUs.
    package var stealShare: Double?
    /// The share of all CPUs' time that processes other than server and client spent in user mode.
    /// Of system time that cannot be said: softirqs of the benchmark's own run anywhere.
    package var otherUserShare: Double?
    /// The server's CPUs were full and the client's were not: the rate is the server's capacity.
    package var isCapacity: Bool

    /// Of the whole host, µs a transaction, but for what the hypervisor took.
    package var cpu: Double? { host?.cpu }
  }

  /// µs a transaction.
  package struct HostCost: Codable, Hashable, Sendable {
    package var user: Double
    package var system: Double
    package var softirq: Double
    package var steal: Double

    package var cpu: Double { user + system + softirq }
  }

  package var rate: Double { derived.rate }

  /// CPU time of one end's CPUs, µs a transaction; nil where both ends share CPUs.
  package var costAtServer: HostCost? { isApart ? cost(of: serverCPUs) : nil }
  package var costAtClient: HostCost? { isApart ? cost(of: clientCPUs) : nil }

  private func cost(of cpus: [Int]) -> HostCost? {
    HostCost(
      cpus.compactMap { server.host.processors[$0] }.reduce(ProcessorTimes(), +),
      transactions: Double(server.measured.total.transactions))
  }

  /// Of the softirqs of both ends, by time.
  package var serverSoftirqShare: Double? {
    guard let server = costAtServer?.softirq, let client = costAtClient?.softirq,
      server + client > 0
    else { return nil }
    return server / (server + client)
  }

  /// Server and load generator had CPUs of their own.
  var isApart: Bool { Set(serverCPUs).isDisjoint(with: clientCPUs) }

  /// Of the server's CPUs the one that was idle least, which their mean may hide; nil with one.
  package var leastServerIdle: Double? {
    guard serverCPUs.count > 1 else { return nil }
    return serverCPUs.compactMap { server.host.processors[$0]?.idleShare }.min()
  }

  /// Charts and sums hold what is within these bounds, far beyond any machine.
  var isPossible: Bool {
    let figures =
      [derived.rate]
      + (derived.host.map { [$0.user, $0.system, $0.softirq, $0.steal] } ?? [])
    return (1...ServerOptions.workerLimit).contains(workers)
      && figures.allSatisfy { (0...1e12).contains($0) }
  }
}

extension RunRecord.HostCost {
  /// nil where no transaction was done, or no tick came.
  init?(_ times: ProcessorTimes, transactions: Double) {
    guard transactions > 0 && times.total > 0 else { return nil }
    // USER_HZ: 10,000 µs a tick.
    let tick = 10_000 / transactions
    self.init(
      user: Double(times.user) * tick, system: Double(times.system) * tick,
      softirq: Double(times.softirq &+ times.irq) * tick, steal: Double(times.steal) * tick)
  }
}

extension RunRecord.Derived {
  init(
    _ load: LoadResult, _ server: ServerResult, serverCPUs: [Int], clientCPUs: [Int],
    isAnswered: Bool = true
  ) {
    rate = load.rate
    let counts = server.measured.total
    let isRemote = server.total.isEmpty
    let transactions = Double(isRemote ? load.counts.measured : counts.transactions)
    if !isAnswered {
      offered = load.rate
      if !isRemote {
        let seconds = server.host.seconds
        rate = seconds > 0 ? transactions / seconds : 0
        let sent = Double(load.counts.transactions)
        let arrived = Double(server.total.total.transactions)
        loss = sent > 0 ? max(0, 1 - arrived / sent) : nil
      }
    }
    // Of a server elsewhere only the transactions are known.
    func each(_ value: Double) -> Double? {
      transactions > 0 && !isRemote ? value / transactions : nil
    }
    let usage = server.host.usage
    userMicroseconds = each(usage.user * 1e6)
    systemMicroseconds = each(usage.system * 1e6)
    voluntarySwitches = each(Double(usage.voluntarySwitches))
    involuntarySwitches = each(Double(usage.involuntarySwitches))
    wakeUps = each(Double(counts.wakeUps))
    emptyWakeUps = each(Double(counts.emptyWakeUps))
    let processors = server.host.processors
    host = RunRecord.HostCost(
      processors.values.reduce(ProcessorTimes(), +), transactions: transactions)
    stealShare = server.host.stealShare
    // Of a server elsewhere `usage` is the load's again.
    otherUserShare = server.host.otherUserShare(
      own: (isRemote ? 0 : usage.user) + load.host.usage.user)
    // All of them, as the page's bars: `rr` accepts before the window, and in it only what broke.
    balance = Balance(server.total.map(\.accepted))
    let sampled = server.total.total
    locality =
      sampled.localitySampled > 0
      ? Double(sampled.localityMatched) / Double(sampled.localitySampled) : nil
    func idle(_ cpus: [Int]) -> Double? {
      cpus.compactMap { processors[$0] }.reduce(ProcessorTimes(), +).idleShare
    }
    serverIdle = idle(serverCPUs)
    clientIdle = idle(clientCPUs)
    let apart = Set(serverCPUs).isDisjoint(with: clientCPUs)
    isCapacity =
      apart && (serverIdle ?? 1) < Idleness.full && (clientIdle ?? 0) > Idleness.full
  }
}
