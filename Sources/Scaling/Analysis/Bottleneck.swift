import ReceivePath

/// What holds a mode back, with how that was seen.
package enum Bottleneck: Hashable, Sendable {
  /// All of so many transactions a second was served.
  case offeredLoad(rate: Double)
  /// Threads waited for that share of the time.
  case cpuQuota(CPUQuota, waited: Double)
  /// How idle its CPUs and the server's were.
  case loadGenerator(idle: Double, server: Double)
  /// A CPU's share of its time in softirq, and the mean of the server's other CPUs.
  case softirqOnOneCPU(cpu: Int, share: Double, others: Double)
  /// Wake-ups a transaction that found no connection.
  case thunderingHerd(wakeUps: Double)
  /// The busiest worker's transactions, over an even share.
  case workerImbalance(busiest: Double)
  /// µs a transaction that CPUs spun for the listen socket's lock, and the share of their time.
  case listenLock(microseconds: Double, share: Double)
  case sharedCPUs(idle: Double)
  case serverCPUs(idle: Double)

  /// As scripts know it.
  package enum Kind: String, CaseIterable, Sendable {
    case offeredLoad = "offered-load"
    case cpuQuota = "cpu-quota"
    case loadGenerator = "load-generator"
    case softirqOnOneCPU = "softirq-on-one-cpu"
    case thunderingHerd = "thundering-herd"
    case workerImbalance = "worker-imbalance"
    case listenLock = "listen-lock"
    case sharedCPUs = "shared-cpus"
    case serverCPUs = "server-cpus"
  }

  package var kind: Kind {
    switch self {
    case .offeredLoad: .offeredLoad
    case .cpuQuota: .cpuQuota
    case .loadGenerator: .loadGenerator
    case .softirqOnOneCPU: .softirqOnOneCPU
    case .thunderingHerd: .thunderingHerd
    case .workerImbalance: .workerImbalance
    case .listenLock: .listenLock
    case .sharedCPUs: .sharedCPUs
    case .serverCPUs: .serverCPUs
    }
  }

  /// What comes first explains the most; nil where nothing was seen.
  init?(_ summary: ModeSummary, _ results: Results) {
    let serverIdle = summary.mean(\.derived.serverIdle)
    let clientIdle = summary.mean(\.derived.clientIdle)
    let isApart = summary.runs.allSatisfy(\.isApart)
    if let rate = results.session?.plan.rate, SweepPlan.isServed(rate, at: summary.meanRate) {
      self = .offeredLoad(rate: rate)
    } else if let (throttling, share) = Self.throttling(summary), share > 0.05 {
      self = .cpuQuota(throttling.quota, waited: share)
    } else if let serverIdle, let clientIdle, isApart,
      Idleness.isClientTheLimit(client: clientIdle, server: serverIdle)
    {
      self = .loadGenerator(idle: clientIdle, server: serverIdle)
    } else if let (cpu, share, others) = Self.busiestSoftirq(summary), share > 0.5,
      others < share / 2
    {
      self = .softirqOnOneCPU(cpu: cpu, share: share, others: others)
    } else if let empty = summary.mean(\.derived.emptyWakeUps), empty > 0.2 {
      self = .thunderingHerd(wakeUps: empty)
    } else if let busiest = summary.mean({ $0.derived.balance?.maxOverMean }), busiest > 1.3 {
      self = .workerImbalance(busiest: busiest)
    } else if let (share, microseconds) = Self.listenLock(summary, results), share > 0.05 {
      self = .listenLock(microseconds: microseconds, share: share)
    } else if let serverIdle, serverIdle < Idleness.full {
      self = isApart ? .serverCPUs(idle: serverIdle) : .sharedCPUs(idle: serverIdle)
    } else {
      return nil
    }
  }

  /// The quota that held the server back most, and how long as a share of the time.
  private static func throttling(_ summary: ModeSummary) -> (CPUThrottling, Double)? {
    var most: (CPUThrottling, Double)?
    for host in summary.runs.map(\.server.host) where host.seconds > 0 {
      for throttling in host.throttling ?? [] {
        let share = Double(throttling.microseconds) / 1e6 / host.seconds
        if share > most?.1 ?? 0 { most = (throttling, share) }
      }
    }
    return most
  }

  /// What was waited for the listener, µs a transaction, and as a share of the CPU time of one.
  private static func listenLock(_ summary: ModeSummary, _ results: Results) -> (Double, Double)? {
    guard
      let record = results.locks.first(where: {
        $0.mode == summary.mode && $0.workers == summary.workers
      }), let wait = record.microseconds(\.listener),
      let cost = summary.mean(\.derived.cpu),
      cost > 0
    else { return nil }
    return (wait / cost, wait)
  }

  /// The server CPU with most softirq, its share, and the mean of the others'.
  private static func busiestSoftirq(_ summary: ModeSummary) -> (Int, Double, Double)? {
    var shares: [Int: Double] = [:]
    for run in summary.runs {
      for cpu in run.serverCPUs {
        guard let times = run.server.host.processors[cpu], times.total > 0 else { continue }
        shares[cpu, default: 0] +=
          Double(times.softirq) / Double(times.total) / Double(summary.runs.count)
      }
    }
    guard shares.count >= 2, let most = shares.max(by: { $0.value < $1.value }) else { return nil }
    let others = shares.filter { $0.key != most.key }.values
    return (most.key, most.value, others.reduce(0, +) / Double(others.count))
  }
}
