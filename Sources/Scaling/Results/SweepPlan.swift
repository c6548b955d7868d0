/// Which runs are to be made, and when it is enough.
package struct SweepPlan: Codable, Hashable, Sendable {
  package enum Network: String, Codable, Sendable {
    /// Fresh network namespaces a run, a veth pair between them, RPS at both ends.
    case namespaces
    case loopback
    /// Servers that `bench serve` started, maybe on another host; this one loads them.
    case remote
  }

  package var modes: [ListenerMode]
  package var workerCounts: [Int]
  package var exchange: Exchange
  package var connections: Int
  package var duration: Double
  package var warmUp: Double
  /// Rounds of every combination that are made in any case.
  package var repeats: Int
  /// Rounds after which it ends even where the intervals are still wide.
  package var maximumRepeats: Int
  /// Half the confidence interval, as a share of the mean, that is narrow enough.
  package var precision: Double
  package var rate: Double?
  package var serverCPUs: [Int]
  package var clientCPUs: [Int]
  package var network: Network
  /// Addresses that the load comes from.
  package var sourceCount: Int
  package var backlog: Int32
  /// Seconds after which no new run begins.
  package var timeLimit: Double
  package var seed: UInt64
  /// Trace the contention of locks in a run of each combination's own, after all others.
  package var tracesLocks: Bool
  /// Likewise, where the server's packets spend their time; nil in results of before that was.
  package var tracesStages: Bool?
  /// States of the host that are held against each other (profiles), the first the measure of the
  /// others; nil where there is but one.
  package var variants: [String]?
  /// Of `.remote`.
  package var targets: [String]?
  /// Of `bench bypass`; nil of other benchmarks.
  package var bypass: Bypass?

  package init(
    modes: [ListenerMode], workerCounts: [Int], exchange: Exchange, connections: Int = 32,
    duration: Double = 5, warmUp: Double = 0.5, repeats: Int = 5, maximumRepeats: Int = 15,
    precision: Double = 0.05, rate: Double? = nil, serverCPUs: [Int], clientCPUs: [Int],
    network: Network, sourceCount: Int = 16, backlog: Int32 = 4096, timeLimit: Double = 3600,
    seed: UInt64 = 1, tracesLocks: Bool = false, variants: [String]? = nil,
    targets: [String]? = nil
  ) {
    self.modes = modes
    self.workerCounts = workerCounts
    self.exchange = exchange
    self.connections = connections
    self.duration = duration
    self.warmUp = warmUp
    self.repeats = repeats
    self.maximumRepeats = maximumRepeats
    self.precision = precision
    self.rate = rate
    self.serverCPUs = serverCPUs
    self.clientCPUs = clientCPUs
    self.network = network
    self.sourceCount = sourceCount
    self.backlog = backlog
    self.timeLimit = timeLimit
    self.seed = seed
    self.tracesLocks = tracesLocks
    self.variants = variants
    self.targets = targets
  }

  /// What a server is to have room for: those that are being closed as well as those of the load.
  var serverConnections: Int { connections * 2 + 1024 }
  static let connectionLimit = (ServerOptions.connectionLimit - 1024) / 2

  /// What people call a variant that is a file: its name without folder and ".yaml".
  package static func label(_ variant: String) -> String {
    let name = variant.split(separator: "/").last.map(String.init) ?? variant
    return name.hasSuffix(".yaml") ? String(name.dropLast(5)) : name
  }

  /// Was all of an offered load served at that rate? Of a closed loop (nil) no.
  static func isServed(_ offered: Double?, at rate: Double) -> Bool {
    offered.map { rate > 0.97 * $0 } ?? false
  }

  /// One thing that is measured again and again.
  package struct Combination: Hashable, Sendable {
    package var mode: ListenerMode
    package var workers: Int
    package var variant: String?

    /// "reuseport + latency with 2 workers"
    package var name: String {
      mode.name + (variant.map { " + \(SweepPlan.label($0))" } ?? "")
        + " with \(Format.count(workers, "worker"))"
    }
  }

  /// A group that is steered by CPU has no second worker on one.
  package var combinations: [Combination] {
    modes.flatMap { mode in
      workerCounts.filter { !mode.needsPinnedWorkers || $0 <= serverCPUs.count }
        .flatMap { workers in
          let variants: [String?] = variants ?? [nil]
          return variants.map { Combination(mode: mode, workers: workers, variant: $0) }
        }
    }
  }

  /// The combinations of one round, in an order of its own: what drifts over an hour falls on all
  /// alike.
  package func round(_ number: Int, of combinations: [Combination]) -> [Combination] {
    var generator = SplitMix(seed &+ UInt64(number) &* 0x1000)
    return combinations.shuffled(using: &generator)
  }

  /// Server CPUs and client CPUs by halves; with fewer than `least` there are no halves, and both
  /// take all.
  package static func split(_ cpus: [Int], atLeast least: Int = 4) -> (
    server: [Int], client: [Int]
  ) {
    guard cpus.count >= least else { return (cpus, cpus) }
    return (Array(cpus.prefix(cpus.count / 2)), Array(cpus.dropFirst(cpus.count / 2)))
  }

  /// 1, 2, 4, … and the number of CPUs itself.
  package static func powers(upTo count: Int) -> [Int] {
    var powers: [Int] = []
    var power = 1
    while power < count {
      powers.append(power)
      power *= 2
    }
    return powers + [max(1, count)]
  }

  package func check() throws(BenchError) {
    try exchange.check()
    guard !combinations.isEmpty else {
      throw BenchError("nothing to run: a mode that steers by CPU needs a CPU for each worker")
    }
    guard repeats >= 1, maximumRepeats >= repeats, maximumRepeats <= 1000 else {
      throw BenchError("--repeat \(repeats), --max-repeat \(maximumRepeats): use 1 to 1000")
    }
    guard Set(variants ?? []).count == (variants ?? []).count else {
      throw BenchError("a profile is named twice: there is nothing to compare")
    }
    try LoadOptions.check(rate: rate)
    try ServerOptions.check(backlog: backlog)
    guard connections <= Self.connectionLimit else {
      throw BenchError(
        "--connections \(connections): use at most \(Self.connectionLimit)")
    }
    guard let most = workerCounts.max(), connections >= max(1, clientCPUs.count) else {
      throw BenchError(
        "--connections \(connections): use at least \(clientCPUs.count), one per load thread")
    }
    guard most <= ServerOptions.workerLimit else {
      throw BenchError("--workers \(most): use at most \(ServerOptions.workerLimit)")
    }
  }
}
