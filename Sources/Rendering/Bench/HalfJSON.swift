package import Scaling

/// `rxtune bench serve --json`.
package enum ServerJSON {
  package typealias Served = (
    server: Server, start: Double, workers: [WorkerCounts], use: HostUse, warnings: [Warning]
  )

  package static let shape = Record<Served>(
    [
      Field("mode", "The listener mode.", .oneOf(ListenerMode.known.map(\.name))) {
        $0.server.options.mode.name
      },
      Field("workload", "The workload.", .oneOf(Workload.allCases.map(\.rawValue))) {
        $0.server.options.exchange.workload.rawValue
      },
      Field("port", "The port.", .integer) { Int($0.server.port) },
      Field("backlog", "Length of the accept queue that the kernel granted.", .integer) {
        Int($0.server.backlog)
      },
      Field("start", "When it began to serve, in seconds since 1970.", .number) { $0.start },
      Field("seconds", "Seconds served.", .number) { $0.use.seconds },
      Field("total", "Totals over all workers.", worker) { $0.workers.total },
      Field("workers", "Counts of each worker.", .array(of: worker)) { $0.workers },
      Field("warnings", "Reasons to distrust the figures.", .array(of: .warning)) {
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
    Field("wake-ups", "Returns from epoll_wait(2) or its equivalent.", .counter) { $0.wakeUps },
    Field("empty-wake-ups", "Wake-ups that found nothing to do.", .counter) { $0.emptyWakeUps },
    Field("refused", "Connections that could not be accepted.", .counter) { $0.refused },
    Field("broken", "Connections that broke before their transaction ended.", .counter) {
      $0.broken
    },
    Field("locality-sampled", "Samples of the CPU that received the packets.", .counter) {
      $0.localitySampled
    },
    Field("locality-matched", "Samples in which that was the worker's CPU.", .counter) {
      $0.localityMatched
    },
  ]).shape
}

/// `rxtune bench load --json`.
package enum LoadJSON {
  package typealias Loaded = (
    result: LoadResult, start: Double, latency: LatencyBuckets, options: LoadOptions,
    warnings: [Warning]
  )

  package static let shape = Record<Loaded>(
    [
      Field("workload", "The workload.", .oneOf(Workload.allCases.map(\.rawValue))) {
        $0.options.exchange.workload.rawValue
      },
      Field("rate", "Transactions per second; for receive, datagrams sent.", .number) {
        $0.result.rate
      },
      Field("start", "When the measuring began, in seconds since 1970.", .number) { $0.start },
      Field("seconds", "Seconds measured.", .number) { $0.result.seconds },
      Field(
        optional: "latency", "Latency of the measured transactions, in ns, to three digits.",
        LatencyJSON.shape
      ) { loaded in loaded.result.latency.map { ($0, loaded.latency) } },
      Field("counts", "How transactions ended.", counts) { $0.result.counts },
      Field("warnings", "Reasons to distrust the figures.", .array(of: .warning)) {
        $0.warnings
      },
    ]
      + HalfJSON.fields(
        LoadText.counters, cpus: { $0.options.cpus },
        transactions: { $0.result.counts.measured }, use: { $0.result.host })
  ).shape

  private static let counts = Record<LoadCounts>([
    Field("transactions", "Transactions done, in total.", .counter) { $0.transactions },
    Field("measured", "Transactions done in the measured time.", .counter) { $0.measured },
    Field("refused", "Connections refused, or that could not be opened.", .counter) { $0.refused },
    Field("broken", "Connections that broke before the response.", .counter) { $0.broken },
    Field("timed-out", "Transactions that timed out; for datagrams, lost ones.", .counter) {
      $0.timedOut
    },
    Field("ports-exhausted", "Connections without a free local port.", .counter) {
      $0.portsExhausted
    },
    Field("corrupted", "Responses with wrong bytes.", .counter) { $0.corrupted },
    Field("unfinished", "Transactions cut off by the end of the run.", .counter) { $0.unfinished },
    Field("overdue", "Open loop: transactions due but never started.", .counter) { $0.overdue },
    Field("unrecorded", "Transactions with a latency above one hour.", .counter) { $0.unrecorded },
    Field(optional: "last-errno", "errno of the last failure.", .integer) {
      $0.lastError == 0 ? nil : Int($0.lastError)
    },
  ]).shape
}

/// What both halves tell alike.
enum HalfJSON {
  static func fields<Subject>(
    _ counters: [String], cpus: @escaping @Sendable (Subject) -> [Int],
    transactions: @escaping @Sendable (Subject) -> UInt64,
    use: @escaping @Sendable (Subject) -> HostUse
  ) -> [Field<Subject>] {
    [
      Field(optional: "cpu", "CPU time of this half, in µs per transaction.", cost) { subject in
        let count = Double(transactions(subject))
        return count > 0 ? (use(subject).usage, count) : nil
      },
      Field("idle", "CPUs that it ran on; all if it is not pinned.", .array(of: idle)) {
        use($0).idleShares(of: cpus($0))
      },
      Field(
        "counters", "Counters of this network namespace, by nstat's names.", .keyed(by: .counter)
      ) {
        let use = use($0)
        return counters.compactMap { name in use.counters[name].map { (name, $0) } }
      },
    ]
  }

  private static let cost = Record<(usage: ProcessUsage, transactions: Double)>([
    Field("user", "CPU time in user mode.", .number) { $0.usage.user * 1e6 / $0.transactions },
    Field("system", "CPU time in the kernel.", .number) { $0.usage.system * 1e6 / $0.transactions },
  ]).shape

  private static let idle = Record<(cpu: Int, share: Double)>([
    Field("cpu", "The CPU.", .integer) { $0.cpu },
    Field("share", "Share of the CPU's time that was idle.", .number) { $0.share },
  ]).shape
}

extension Shape where Value == Warning {
  static var warning: Shape {
    Record<Warning>([
      Field("code", "Kind of warning.", .oneOf(Warning.Code.allCases.map(\.rawValue))) {
        $0.code.rawValue
      },
      Field("detail", "Evidence.", .string) { $0.detail },
      Field("advice", "Meaning, and what to try.", .string) { $0.code.advice },
    ]).shape
  }
}
