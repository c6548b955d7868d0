import Scaling

/// What `bench bypass` adds to a report.
enum BypassJSON {
  static let shape = Record<BypassVerdict>([
    Field("baseline", "The mode that the others are compared with.", .string) {
      $0.baseline.name
    },
    Field("rows", "The other backends, compared with it.", .array(of: row)) { $0.rows },
    Field("left-out", "Backends that do not serve the workload.", .array(of: leftOut)) {
      $0.leftOut
    },
  ]).shape

  private static let row = Record<BypassVerdict.Row>([
    Field("name", "The backend.", .string) { $0.name },
    Field("pairs", "Rounds that measured both.", .integer) { $0.pairs },
    Field("open-loop", "Whether both served all of a fixed rate.", .bool) { $0.isOpenLoop },
    ratio("throughput", "Ratio of transactions per second.", .throughput),
    ratio("p50", "Ratio of median latency.", .p50),
    ratio("p99", "Ratio of p99 latency.", .p99),
    ratio("cpu", "Ratio of the CPU time of both ends per transaction.", .cpu),
    Field("gains", "Figures that are better by more than chance.", .array(of: .string)) {
      $0.gains.map(BypassText.name)
    },
    Field("losses", "Figures that are worse by more than chance.", .array(of: .string)) {
      $0.losses.map(BypassText.name)
    },
    Field("prices", "What it costs besides.", .array(of: .string)) {
      $0.prices.map(BypassText.text)
    },
  ]).shape

  private static func ratio(
    _ key: String, _ documentation: String, _ figure: BypassVerdict.Figure
  ) -> Field<BypassVerdict.Row> {
    Field(optional: key, documentation, .interval) { $0.ratio(figure) }
  }

  private static let leftOut = Record<ListenerMode>([
    Field("name", "The backend.", .string) { $0.name },
    Field("serves", "Workloads that it serves.", .array(of: .string)) { mode in
      Workload.allCases.filter(mode.serves).map(\.rawValue)
    },
  ]).shape

  static let facts = Record<BackendFacts>([
    Field("device", "The device.", .string) { $0.device },
    Field("wait", "What it did while no packet came.", .oneOf(PacketWait.allCases.map(\.rawValue)))
    {
      $0.wait.rawValue
    },
    Field("queues", "Queues that it had something of its own for.", .array(of: .integer)) {
      $0.queues
    },
    Field(optional: "xdp", "Where XDP took packets.", .oneOf(XDPAttach.allCases.map(\.rawValue))) {
      $0.attach?.rawValue
    },
  ]).shape

  static let counts = Record<CountRecord>([
    Field("mode", "The mode.", .string) { $0.mode.name },
    Field("workers", "Number of server threads.", .integer) { $0.workers },
    Field("transactions", "Transactions counted.", .counter) { $0.counts.transactions },
    each("server-calls", "System calls of the server per transaction.") { $0.server.callCount },
    each("client-calls", "System calls of the client per transaction.") { $0.load.callCount },
    each("allocations", "Slab allocations of both ends per transaction.") { $0.allocations },
    each("packets", "Packets sent by both ends per transaction.") { $0.packets },
  ]).shape

  private static func each(
    _ key: String, _ documentation: String,
    _ count: @escaping @Sendable (TransactionCounts) -> UInt64?
  ) -> Field<CountRecord> {
    Field(optional: key, documentation, .number) { $0.counts.each(count($0.counts)) }
  }
}
