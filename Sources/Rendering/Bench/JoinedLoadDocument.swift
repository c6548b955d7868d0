package import Scaling

/// `rxtune bench report` of one server and several loads.
extension JoinedLoad: Document {
  package var lines: [String] {
    var table = Table([
      .left("HOST"), .right("SECONDS"), .right("RATE/S"), .right("TRANSACTIONS"), .right("P50"),
      .right("P99"), .right("P99.9"), .right("MAX"),
    ])
    func add(_ name: String, _ seconds: Double?, _ rate: Double, _ latency: LatencySummary?) {
      table.add(
        [
          name, seconds.map { Format.fixed($0, 1) }, Format.fixed(rate, 0),
          latency.map { "\($0.count)" },
        ]
          + [\LatencySummary.p50, \.p99, \.p999, \.max].map { member in
            latency.map { Format.microseconds($0[keyPath: member]) }
          })
    }
    for load in loads { add(load.host, load.seconds, load.rate, load.latency) }
    if loads.count > 1 { add("all", nil, rate, latency) }
    let warnings = ([(server.host, server.warnings)] + loads.map { ($0.host, $0.warnings) })
      .flatMap { host, texts in texts.map { "warning: \(host): \($0)" } }
    return [
      Terminal.printable(
        "\(server.host): \(server.mode) served \(server.workload) for "
          + "\(Format.fixed(server.seconds, 1)) s, \(server.transactions) transactions")
    ] + table.lines()
      + (cautions.map { "warning: \($0)" } + warnings).map(Terminal.printable)
  }

  package static let shape = Record<JoinedLoad>([
    Field("server", "The server.", served) { $0.server },
    Field("loads", "The loads, in the order of the files.", .array(of: loaded)) { $0.loads },
    Field("rate", "Transactions per second of all loads.", .number) { $0.rate },
    Field(
      optional: "latency", "Latency over all loads, in ns, to three digits.", LatencyJSON.shape
    ) { joined in joined.latency.map { ($0, joined.buckets) } },
    Field("cautions", "Why the figures of all loads may mislead.", .array(of: .string)) {
      $0.cautions
    },
  ]).shape

  private static let served = Record<Served>([
    Field("host", "Its host.", .string) { $0.host },
    Field("mode", "Listener mode or packet backend.", .string) { $0.mode },
    Field("workload", "The workload.", .string) { $0.workload },
    Field("start", "When it began to serve, in seconds since 1970.", .number) { $0.start },
    Field("seconds", "Seconds served.", .number) { $0.seconds },
    Field("transactions", "Requests answered.", .counter) { $0.transactions },
    Field("warnings", "Its reasons to distrust the figures.", .array(of: .string)) { $0.warnings },
  ]).shape

  private static let loaded = Record<Loaded>([
    Field("host", "Its host.", .string) { $0.host },
    Field("start", "When it began to measure, in seconds since 1970.", .number) { $0.start },
    Field("seconds", "Seconds measured.", .number) { $0.seconds },
    Field("rate", "Transactions per second.", .number) { $0.rate },
    Field("transactions", "Transactions done, in total.", .counter) { $0.transactions },
    Field("measured", "Transactions done in the measured time.", .counter) { $0.measured },
    Field(optional: "latency", "Latency of its transactions, in ns.", LatencyJSON.summary) {
      $0.latency
    },
    Field("warnings", "Its reasons to distrust the figures.", .array(of: .string)) { $0.warnings },
  ]).shape
}
