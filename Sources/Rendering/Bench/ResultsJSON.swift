package import Scaling

/// `rxtune bench report --json` and `rxtune bench reuseport --json`: what follows from the runs,
/// which themselves are JSON Lines in the results file.
package enum ResultsJSON {
  package static func text(_ results: Results) -> String { shape.encode(results).text() }

  static let shape = Record<Results>([
    Field("summaries", "The runs of each mode and number of workers.", .array(of: summary)) {
      ModeSummary.all($0)
    },
    Field("fits", "The Universal Scalability Law of each mode.", .array(of: fit)) {
      ModeSummary.lines(ModeSummary.all($0)).compactMap { line in
        guard let name = line.first?.name else { return nil }
        return ModeSummary.fit(line).map { (name, $0) }
      }
    },
    Field("findings", "What holds a mode back.", .array(of: finding)) { Verdict($0).findings },
    Field("sentences", "What can be said, in words.", .array(of: .string)) {
      Verdict($0).sentences
    },
    Field("warnings", "Reasons not to believe the figures.", .array(of: .warning)) { results in
      results.warnings + results.runs.flatMap(\.warnings)
    },
  ]).shape

  private static let summary = Record<ModeSummary>([
    Field("name", "Mode and state of the host.", .string) { $0.name },
    Field("mode", "The listener mode.", .oneOf(ListenerMode.all.map(\.name))) {
      $0.mode.name
    },
    Field("workers", "Threads that served.", .integer) { $0.workers },
    Field(optional: "variant", "The profile that was in force.", .string) { $0.variant },
    Field(optional: "changes", "What that changed.", .array(of: .string)) {
      $0.runs.first?.changes
    },
    Field("runs", "How many.", .integer) { $0.runs.count },
    Field("rate", "Transactions a second, mean.", .number) { $0.meanRate },
    Field(optional: "rate-interval", "The same with its interval.", .interval) { $0.rate },
    Field(optional: "latency", "Medians over the runs of each run's, ns.", latency) {
      $0.latency(\.p50) == nil ? nil : $0
    },
    Field(optional: "cpu", "Of the whole host, µs a transaction, mean.", cost) {
      $0.mean(\.derived.cpu) == nil ? nil : $0
    },
    Field(optional: "server-idle", "Share of the server's CPUs' time.", .number) {
      $0.mean(\.derived.serverIdle)
    },
    Field(
      optional: "least-server-idle", "Share of the time of the least idle of several server CPUs.",
      .number
    ) { $0.mean(\.leastServerIdle) },
    Field(optional: "client-idle", "Share of the client's CPUs' time.", .number) {
      $0.mean(\.derived.clientIdle)
    },
    Field(
      "capacity", "The server's CPUs were full and the client's were not, in every run.", .bool
    ) { $0.isCapacity },
    Field(optional: "jain", "Jain's index of the workers' shares.", .number) {
      $0.mean { $0.derived.balance?.jain }
    },
    Field(optional: "empty-wake-ups", "Wake-ups a transaction for nothing.", .number) {
      $0.mean(\.derived.emptyWakeUps)
    },
    Field(
      optional: "locality", "Share of packets that came in on the worker's CPU; none of UDP.",
      .number
    ) {
      $0.mean(\.derived.locality)
    },
  ]).shape

  private static let latency = Record<ModeSummary>([
    percentile("p50", "The median.") { $0.p50 },
    percentile("p90", "The 90th percentile.") { $0.p90 },
    percentile("p99", "The 99th percentile.") { $0.p99 },
    percentile("p999", "The 99.9th percentile.") { $0.p999 },
    percentile("p9999", "The 99.99th percentile.") { $0.p9999 },
  ]).shape

  private static func percentile(
    _ key: String, _ documentation: String,
    _ value: @escaping @Sendable (LatencySummary) -> UInt64
  ) -> Field<ModeSummary> {
    Field(optional: key, documentation, .number) { $0.latency(value) }
  }

  private static let cost = Record<ModeSummary>([
    Field(optional: "user", "In user mode.", .number) { $0.mean { $0.derived.host?.user } },
    Field(optional: "system", "In the kernel.", .number) { $0.mean { $0.derived.host?.system } },
    Field(optional: "softirq", "In softirq and interrupts.", .number) {
      $0.mean { $0.derived.host?.softirq }
    },
  ]).shape

  private static let fit = Record<(name: String, fit: ScalingFit)>([
    Field("name", "Mode and state of the host.", .string) { $0.name },
    Field("alpha", "Contention.", .interval) { $0.fit.alpha },
    Field(optional: "beta", "Coherency; from three numbers of workers on.", .interval) {
      $0.fit.levels >= 3 ? $0.fit.beta : nil
    },
    Field(optional: "peak", "Workers beyond which it gets slower.", .interval) { $0.fit.peak },
  ]).shape

  private static let finding = Record<Verdict.Finding>([
    Field("name", "Mode and state of the host.", .string) { $0.name },
    Field("bottleneck", "What it is held back by.", .string) { $0.bottleneck.rawValue },
    Field("evidence", "How that was seen.", .string) { $0.evidence },
  ]).shape
}
