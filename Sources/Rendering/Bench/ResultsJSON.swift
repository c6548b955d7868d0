package import Notation
package import Scaling

/// `rxtune bench report --json`, and what `bench reuseport` and `bench where` print: what follows from the runs,
/// which themselves are JSON Lines in the results file.
package enum ResultsJSON {
  package static func json(_ results: Results) -> JSON { shape.encode(results) }

  static let shape = Record<Results>([
    Field(optional: "host", "Host that was measured.", .string) { $0.session?.machine.hostName },
    Field(
      optional: "start", "When the measuring began, in seconds since 1970.", .number
    ) { $0.session?.started },
    Field("summaries", "The runs of each mode and number of workers.", .array(of: summary)) {
      ModeSummary.all($0)
    },
    Field("fits", "Fit of the Universal Scalability Law, by mode.", .array(of: fit)) {
      ModeSummary.lines(ModeSummary.all($0)).compactMap { line in
        guard let name = line.first?.name else { return nil }
        return ModeSummary.fit(line).map { (name, $0) }
      }
    },
    Field(
      "growth", "Growth of CPU time per transaction with workers, by mode.", .array(of: growth)
    ) { CostGrowth.all($0) },
    Field("bottlenecks", "Bottlenecks by mode.", .array(of: bottleneck)) {
      Verdict($0).bottlenecks
    },
    Field(
      "ceilings",
      "Where one listener that workers share stops, by mode; crr with lock traces only.",
      .array(of: ceiling)
    ) { ListenerCeiling.all($0) },
    Field(
      optional: "bypass", "Comparison with the kernel's sockets (bench bypass).", BypassJSON.shape
    ) {
      BypassVerdict($0)
    },
    Field(
      "counts", "What the kernel did per transaction, in untimed runs.",
      .array(of: BypassJSON.counts)
    ) {
      $0.counts
    },
    Field("stages", "Stages of the receive path, of runs that were traced.", .array(of: stages)) {
      BenchText.sorted($0.stages)
    },
    Field(
      optional: "breakdowns", "CPU time of a transaction by cause, by workload.",
      .array(of: BreakdownJSON.shape)
    ) { $0.breakdowns.isEmpty ? nil : $0.breakdowns },
    Field(
      optional: "floors", "Cost of calls that do next to nothing.", .array(of: BreakdownJSON.floor)
    ) { $0.floors.isEmpty ? nil : $0.floors },
    Field("sentences", "Conclusions, in words.", .array(of: .string)) {
      BenchText.sentences($0)
    },
    Field("warnings", "Reasons to distrust the figures.", .array(of: .warning)) { results in
      results.warnings + results.runs.flatMap(\.warnings)
    },
  ]).shape

  private static let summary = Record<ModeSummary>([
    Field("name", "Mode and state of the host.", .string) { $0.name },
    Field("mode", "The listener mode.", .oneOf(ListenerMode.known.map(\.name))) {
      $0.mode.name
    },
    Field("workers", "Number of server threads.", .integer) { $0.workers },
    Field(optional: "variant", "The profile in force.", .string) { $0.variant },
    Field(optional: "changes", "What the profile changed.", .array(of: .string)) {
      $0.runs.first?.changes
    },
    Field(optional: "facts", "How a packet backend worked.", BypassJSON.facts) {
      $0.runs.first?.facts
    },
    Field("runs", "Number of runs.", .integer) { $0.runs.count },
    Field("rate", "Transactions per second, mean.", .number) { $0.meanRate },
    Field(optional: "offered", "Datagrams sent per second (receive), mean.", .number) {
      $0.mean(\.derived.offered)
    },
    Field(
      optional: "loss", "Share of the datagrams sent that did not arrive (receive), mean.", .number
    ) {
      $0.mean(\.derived.loss)
    },
    Field(
      optional: "rate-interval", "Transactions per second, with a confidence interval.", .interval
    ) { $0.rate },
    Field(optional: "latency", "Median over the runs of each run's latency, in ns.", latency) {
      $0.latency(\.p50) == nil ? nil : $0
    },
    Field(optional: "cpu", "CPU time of the whole host, in µs per transaction, mean.", cost) {
      $0.mean(\.derived.cpu) == nil ? nil : $0
    },
    Field(
      optional: "cpu-interval",
      "CPU time of the whole host, in µs per transaction, with a confidence interval.", .interval
    ) { $0.cpu },
    Field(
      optional: "server-cpu", "CPU time of the server's CPUs, in µs per transaction, mean.", .number
    ) {
      $0.mean { $0.costAtServer?.cpu }
    },
    Field(
      optional: "client-cpu", "CPU time of the client's CPUs, in µs per transaction, mean.", .number
    ) {
      $0.mean { $0.costAtClient?.cpu }
    },
    Field(
      optional: "server-softirq-share", "Share of the softirq time that was on the server's CPUs.",
      .number
    ) {
      $0.mean(\.serverSoftirqShare)
    },
    Field(optional: "server-idle", "Idle share of the server CPUs' time.", .number) {
      $0.mean(\.derived.serverIdle)
    },
    Field(
      optional: "least-server-idle", "Idle share of the busiest server CPU, if there are several.",
      .number
    ) { $0.mean(\.leastServerIdle) },
    Field(optional: "client-idle", "Idle share of the client CPUs' time.", .number) {
      $0.mean(\.derived.clientIdle)
    },
    Field(
      "capacity", "Whether the server's CPUs were saturated and the client's not, in every run.",
      .bool
    ) { $0.isCapacity },
    Field(optional: "jain", "Jain's fairness index of the workers' shares.", .number) {
      $0.mean { $0.derived.balance?.jain }
    },
    Field(optional: "empty-wake-ups", "Empty wake-ups per transaction.", .number) {
      $0.mean(\.derived.emptyWakeUps)
    },
    Field(
      optional: "locality", "Share of packets that arrived on the worker's CPU; TCP only.",
      .number
    ) {
      $0.mean(\.derived.locality)
    },
  ]).shape

  private static let latency = Record<ModeSummary>([
    percentile("p50", "Median.") { $0.p50 },
    percentile("p90", "90th percentile.") { $0.p90 },
    percentile("p99", "99th percentile.") { $0.p99 },
    percentile("p999", "99.9th percentile.") { $0.p999 },
    percentile("p9999", "99.99th percentile.") { $0.p9999 },
  ]).shape

  private static func percentile(
    _ key: String, _ documentation: String,
    _ value: @escaping @Sendable (LatencySummary) -> UInt64
  ) -> Field<ModeSummary> {
    Field(optional: key, documentation, .number) { $0.latency(value) }
  }

  private static let cost = Record<ModeSummary>([
    Field(optional: "user", "CPU time in user mode.", .number) {
      $0.mean { $0.derived.host?.user }
    },
    Field(optional: "system", "CPU time in the kernel.", .number) {
      $0.mean { $0.derived.host?.system }
    },
    Field(optional: "softirq", "CPU time in softirqs and interrupts.", .number) {
      $0.mean { $0.derived.host?.softirq }
    },
  ]).shape

  private static let fit = Record<(name: String, fit: ScalingFit)>([
    Field("name", "Mode and state of the host.", .string) { $0.name },
    Field("alpha", "Contention (α).", .interval) { $0.fit.alpha },
    Field(optional: "beta", "Coherency (β); needs three worker counts.", .interval) {
      $0.fit.levels >= 3 ? $0.fit.beta : nil
    },
    Field(optional: "peak", "Number of workers with the highest throughput.", .interval) {
      $0.fit.peak
    },
  ]).shape

  private static let growth = Record<CostGrowth>([
    Field("name", "Mode and state of the host.", .string) { $0.name },
    Field("from", "Fewest workers measured.", .integer) { $0.fewest },
    Field("to", "Most workers measured.", .integer) { $0.most },
    Field("ratio", "Ratio of CPU time per transaction, most workers to fewest.", .interval) {
      $0.ratio
    },
    Field("increases", "What grew by more than chance.", .array(of: increase)) { $0.increases },
  ]).shape

  private static let increase = Record<CostGrowth.Increase>([
    Field(
      "part",
      "What grew: CPU time in user mode, in the kernel, in softirq; empty wake-ups; spinning for locks.",
      .oneOf(CostGrowth.Part.allCases.map(\.rawValue))
    ) { $0.part.rawValue },
    Field(
      "amount", "By how much, in µs per transaction; of empty wake-ups, per transaction.", .number
    ) {
      $0.amount
    },
  ]).shape

  private static let ceiling = Record<ListenerCeiling>([
    Field("mode", "The listener mode.", .oneOf(ListenerMode.all.map(\.name))) { $0.mode.name },
    Field("workers", "Number of server threads.", .integer) { $0.workers },
    Field(
      "lock",
      "The lock that it stops at: of the socket in accept(2), of the accept queue, of who sleeps.",
      .oneOf(ListenerLocks.Kind.allCases.map(\.rawValue))
    ) { $0.lock.rawValue },
    Field("found", "Acquisitions that found the lock taken.", .counter) { $0.found },
    Field(
      "told", "Whether these suffice for an estimate; if not, only the least rate holds.", .bool
    ) { $0.isTold },
    Field("serial", "Time that the lock is held, in µs per connection.", .interval) {
      Interval($0.serial.estimate * 1e6, $0.serial.low * 1e6, $0.serial.high * 1e6)
    },
    Field(optional: "rate", "Connections per second at which the listener stops.", .number) {
      $0.isTold ? $0.rate : nil
    },
    Field("least-rate", "The least that the interval allows.", .number) { $0.leastRate },
    Field(
      optional: "cores", "CPUs of this load at that rate; the client's too if they are shared.",
      .number
    ) { $0.cores },
  ]).shape

  private static let bottleneck = Record<Verdict.ModeBottleneck>([
    Field("name", "Mode and state of the host.", .string) { $0.name },
    Field("bottleneck", "The bottleneck.", .oneOf(Bottleneck.Kind.allCases.map(\.rawValue))) {
      $0.bottleneck.kind.rawValue
    },
    Field("evidence", "Evidence for the bottleneck.", .string) {
      VerdictText.evidence($0.bottleneck)
    },
  ]).shape
}
