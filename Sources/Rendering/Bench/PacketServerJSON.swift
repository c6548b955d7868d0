package import Scaling

/// `rxtune bench serve --backend --json`.
package enum PacketServerJSON {
  package typealias Served = (
    server: PacketServer, start: Double, threads: [PacketCounts], missed: UInt64?, use: HostUse,
    warnings: [Warning]
  )

  package static let shape = Record<Served>(
    [
      Field("facts", "How the server works.", facts) { $0.server.facts },
      Field("workload", "The workload.", .oneOf(Workload.allCases.map(\.rawValue))) {
        $0.server.options.exchange.workload.rawValue
      },
      Field("start", "When it began to serve, in seconds since 1970.", .number) { $0.start },
      Field("seconds", "Seconds served.", .number) { $0.use.seconds },
      Field("total", "Totals over all threads.", thread) { $0.threads.total },
      Field("threads", "Counts of each thread.", .array(of: thread)) { $0.threads },
      Field(
        optional: "missed",
        "Packets for the address and port that went to the kernel, by queues that are not served.",
        .counter
      ) { $0.missed },
      Field("warnings", "Reasons to distrust the figures.", .array(of: .warning)) {
        $0.warnings
      },
    ]
      + HalfJSON.fields(
        [], cpus: { $0.server.options.cpus }, transactions: { $0.threads.total.transactions },
        use: { $0.use })
  ).shape

  package static let facts = Record<BackendFacts>([
    Field("backend", "The packet backend.", .oneOf(PacketBackend.all.map(\.name))) { $0.backend },
    Field("device", "The device.", .string) { $0.device },
    Field("address", "The IPv4 address served.", .string) { $0.address },
    Field("port", "The port.", .integer) { Int($0.port) },
    Field(
      "wait", "What a thread does without packets.", .oneOf(PacketWait.allCases.map(\.rawValue))
    ) { $0.wait.rawValue },
    Field("threads", "Number of threads.", .integer) { $0.threads },
    Field(
      "queues", "Queues with a socket of their own; none of other backends.", .array(of: .integer)
    ) { $0.queues },
    Field(
      optional: "attach", "XDP mode in force.", .oneOf(XDPAttach.allCases.map(\.rawValue))
    ) { $0.attach?.rawValue },
    Field("refusals", "Why modes tried before were refused.", .array(of: .string)) { $0.refusals },
  ]).shape

  private static let thread = Record<PacketCounts>([
    Field("received", "Packets received.", .counter) { $0.received },
    Field("bursts", "Bursts that they came in.", .counter) { $0.bursts },
    Field("transactions", "Requests answered, or counted.", .counter) { $0.transactions },
    Field("damaged", "Damaged packets, and requests of a wrong length.", .counter) { $0.damaged },
    Field("foreign", "Packets for others.", .counter) { $0.foreign },
    Field("unsent", "Responses that could not be sent.", .counter) { $0.unsent },
    Field("dropped", "Packets lost for want of room.", .counter) { $0.dropped },
    Field("system-calls", "System calls made.", .counter) { $0.systemCalls },
    Field("wake-ups", "Returns from poll(2).", .counter) { $0.wakeUps },
  ]).shape
}
