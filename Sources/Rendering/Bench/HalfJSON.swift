package import Scaling

/// `rxtune bench serve --json`.
package enum ServerJSON {
  package typealias Served = (
    server: Server, workers: [WorkerCounts], use: HostUse, warnings: [Warning]
  )

  package static let shape = Record<Served>(
    [
      Field("mode", "The listener mode.", .oneOf(ListenerMode.all.map(\.name))) {
        $0.server.options.mode.name
      },
      Field("workload", "The workload.", .oneOf(Workload.allCases.map(\.rawValue))) {
        $0.server.options.exchange.workload.rawValue
      },
      Field("port", "The port.", .integer) { Int($0.server.port) },
      Field("backlog", "The accept queue's length that the kernel granted.", .integer) {
        Int($0.server.backlog)
      },
      Field("seconds", "How long it served.", .number) { $0.use.seconds },
      Field("total", "All workers together.", worker) { $0.workers.total },
      Field("workers", "Each worker.", .array(of: worker)) { $0.workers },
      Field("warnings", "Reasons not to believe the figures.", .array(of: .warning)) {
        $0.warnings
      },
    ]
      + HalfJSON.fields(
        ServerText.counters, cpus: { $0.server.options.cpus },
        transactions: { $0.workers.total.transactions }, use: { $0.use })
  ).shape

  private static let worker = Record<WorkerCounts>([
    Field("accepted", "Connections accepted.", .counter) { $0.accepted },
    Field("transactions", "Requests answered.", .counter) { $0.transactions },
    Field("wake-ups", "Returns from epoll_wait(2) or its like.", .counter) { $0.wakeUps },
    Field("empty-wake-ups", "Wake-ups for nothing.", .counter) { $0.emptyWakeUps },
    Field("refused", "Connections that could not be taken.", .counter) { $0.refused },
    Field("broken", "Connections that broke before their transaction was done.", .counter) {
      $0.broken
    },
    Field("locality-sampled", "How often it was asked which CPU took the packets.", .counter) {
      $0.localitySampled
    },
    Field("locality-matched", "Of these, on the worker's own.", .counter) { $0.localityMatched },
  ]).shape
}

/// `rxtune bench load --json`.
package enum LoadJSON {
  package typealias Loaded = (result: LoadResult, options: LoadOptions, warnings: [Warning])

  package static let shape = Record<Loaded>(
    [
      Field("rate", "Transactions a second.", .number) { $0.result.rate },
      Field("seconds", "How long was measured.", .number) { $0.result.seconds },
      Field(optional: "latency", "Of the measured transactions, ns, to three digits.", latency) {
        $0.result.latency
      },
      Field("counts", "How transactions ended.", counts) { $0.result.counts },
      Field("warnings", "Reasons not to believe the figures.", .array(of: .warning)) {
        $0.warnings
      },
    ]
      + HalfJSON.fields(
        LoadText.counters, cpus: { $0.options.cpus },
        transactions: { $0.result.counts.measured }, use: { $0.result.host })
  ).shape

  private static let latency = Record<LatencySummary>([
    Field("count", "How many.", .counter) { $0.count },
    Field("mean", "Their mean.", .number) { $0.mean },
    Field("min", "The least.", .counter) { $0.min },
    Field("p50", "The median.", .counter) { $0.p50 },
    Field("p90", "The 90th percentile.", .counter) { $0.p90 },
    Field("p99", "The 99th percentile.", .counter) { $0.p99 },
    Field("p999", "The 99.9th percentile.", .counter) { $0.p999 },
    Field("p9999", "The 99.99th percentile.", .counter) { $0.p9999 },
    Field("max", "The greatest.", .counter) { $0.max },
  ]).shape

  private static let counts = Record<LoadCounts>([
    Field("transactions", "Done, from the first to the last.", .counter) { $0.transactions },
    Field("measured", "Done inside the measured time.", .counter) { $0.measured },
    Field("refused", "Connections refused, or not to be opened.", .counter) { $0.refused },
    Field("broken", "Connections that broke before the response.", .counter) { $0.broken },
    Field("timed-out", "Not done in time; datagrams lost.", .counter) { $0.timedOut },
    Field("ports-exhausted", "No local port was free.", .counter) { $0.portsExhausted },
    Field("corrupted", "Responses with wrong bytes.", .counter) { $0.corrupted },
    Field("unfinished", "Cut off by the end.", .counter) { $0.unfinished },
    Field("overdue", "Open loop: due, and never begun.", .counter) { $0.overdue },
    Field("unrecorded", "Latencies of more than an hour.", .counter) { $0.unrecorded },
    Field(optional: "last-errno", "The errno of the last failure.", .integer) {
      $0.lastError == 0 ? nil : Int($0.lastError)
    },
  ]).shape
}

/// What both halves tell alike.
private enum HalfJSON {
  static func fields<Subject>(
    _ counters: [String], cpus: @escaping @Sendable (Subject) -> [Int],
    transactions: @escaping @Sendable (Subject) -> UInt64,
    use: @escaping @Sendable (Subject) -> HostUse
  ) -> [Field<Subject>] {
    [
      Field(optional: "cpu", "Of this half, µs a transaction.", cost) { subject in
        let count = Double(transactions(subject))
        return count > 0 ? (use(subject).usage, count) : nil
      },
      Field("idle", "The CPUs it ran on; all where it is not pinned.", .array(of: idle)) {
        use($0).idleShares(of: cpus($0))
      },
      Field("counters", "Of this network namespace, as nstat names them.", .keyed(by: .counter)) {
        let use = use($0)
        return counters.compactMap { name in use.counters[name].map { (name, $0) } }
      },
    ]
  }

  private static let cost = Record<(usage: ProcessUsage, transactions: Double)>([
    Field("user", "In user mode.", .number) { $0.usage.user * 1e6 / $0.transactions },
    Field("system", "In the kernel.", .number) { $0.usage.system * 1e6 / $0.transactions },
  ]).shape

  private static let idle = Record<(cpu: Int, share: Double)>([
    Field("cpu", "The CPU.", .integer) { $0.cpu },
    Field("share", "Of its time that it was idle.", .number) { $0.share },
  ]).shape
}

extension Shape where Value == Warning {
  static var warning: Shape {
    Record<Warning>([
      Field("code", "What kind.", .oneOf(Warning.Code.allCases.map(\.rawValue))) {
        $0.code.rawValue
      },
      Field("detail", "What was seen.", .string) { $0.detail },
      Field("advice", "What it means, and what to try.", .string) { $0.code.advice },
    ]).shape
  }
}
