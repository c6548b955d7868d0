import Scaling

/// Where a transaction's time goes, as a member of `bench report --json`.
enum BreakdownJSON {
  static let shape = Record<Breakdown>([
    Field("workload", "The workload.", .oneOf(Workload.allCases.map(\.rawValue))) {
      $0.exchange.workload.rawValue
    },
    Field("mode", "The listener mode.", .oneOf(ListenerMode.known.map(\.name))) {
      $0.run.mode.name
    },
    Field("connections", "Concurrent connections.", .integer) { $0.run.connections },
    Field("rate", "Transactions per second while sampled.", .number) { $0.run.rate },
    Field(
      optional: "locality", "Share of packets that arrived on the worker's CPU; TCP only.", .number
    ) { $0.run.derived.locality },
    Field("frequency", "Samples per second and CPU that were asked for.", .counter) {
      $0.frequency
    },
    Field("lost", "Samples that found the kernel's buffer full.", .counter) { $0.lost },
    Field("ends", "The CPUs of the server and of the load.", .array(of: end)) { breakdown in
      breakdown.ends.map { (breakdown, $0) }
    },
    Field(optional: "counts", "Events per transaction, counted in a run of their own.", counts) {
      $0.counts
    },
  ]).shape

  private typealias Subject = (breakdown: Breakdown, end: Breakdown.End)
  private typealias Time = (name: String, time: Breakdown.Time)

  private static let end = Record<Subject>([
    Field("end", "Whose CPUs these are.", .oneOf(Breakdown.End.Kind.allCases.map(\.rawValue))) {
      $0.end.kind.rawValue
    },
    Field("cpus", "The CPUs.", .array(of: .integer)) { $0.end.cpus },
    Field("samples", "Number of samples.", .counter) { $0.end.samples },
    Field("idle", "Samples of an idle CPU, which some kernels do not take.", .counter) {
      $0.end.idle
    },
    Field("foreign", "Samples of other processes.", .counter) { $0.end.foreign },
    Field("own", "Samples of the process that samples.", .counter) { $0.end.own },
    Field("causes", "CPU time per transaction by cause.", .array(of: causes)) { subject in
      times(subject.end.causes.map { ($0.of.rawValue, $0.samples) }, subject)
    },
    Field("calls", "CPU time per transaction by system call or context.", .array(of: time)) {
      subject in times(subject.end.calls.map { ($0.of, $0.samples) }, subject)
    },
    Field("unknown", "Functions without a known cause, most frequent first.", .array(of: .string)) {
      $0.end.unknown.map(\.of)
    },
    Field(optional: "sum", "CPU time of all causes, in µs per transaction.", .number) {
      $0.breakdown.time($0.end.busy, $0.end)?.microseconds
    },
    Field(
      optional: "tasks",
      "CPU time of the benchmark's processes by samples, in µs per transaction; softirqs that "
        + "interrupted them included.", .number
    ) { subject in
      subject.end.tasks.flatMap { subject.breakdown.time($0, subject.end)?.microseconds }
    },
    Field(
      optional: "unsampled",
      "Measured time without samples, in µs per transaction: interrupts of an idle CPU.", .number
    ) { $0.breakdown.unsampled($0.end) },
    Field(
      optional: "measured",
      "Time not idle by /proc/stat, in µs per transaction; other processes included.", .number
    ) { $0.breakdown.measured($0.end) },
  ]).shape

  private static func times(_ samples: [(String, UInt64)], _ subject: Subject) -> [Time] {
    samples.compactMap { name, count in
      subject.breakdown.time(count, subject.end).map { (name, $0) }
    }
  }

  private static let time = shape(of: .string)
  private static let causes = shape(of: .oneOf(Cause.allCases.map(\.rawValue)))

  private static func shape(of name: Shape<String>) -> Shape<Time> {
    Record<Time>([
      Field("name", "The cause, system call or context.", name) { $0.name },
      Field("microseconds", "CPU time, in µs per transaction.", .number) { $0.time.microseconds },
      Field("standard-error", "Its standard error, from the number of samples.", .number) {
        $0.time.error
      },
    ]).shape
  }

  private typealias Counted = (counts: TransactionCounts, end: TransactionCounts.End)
  private typealias Call = (name: String, each: Double)

  private static let counts = Record<TransactionCounts>([
    Field("transactions", "Transactions while counted.", .counter) { $0.transactions },
    Field("server", "The server's tasks.", counted) { ($0, $0.server) },
    Field("load", "The load's tasks.", counted) { ($0, $0.load) },
    Field(optional: "allocations", "Slab allocations per transaction, at both ends.", .number) {
      $0.each($0.allocations)
    },
    Field(optional: "packets", "Packets per transaction, at both ends.", .number) {
      $0.each($0.packets)
    },
  ]).shape

  private static let counted = Record<Counted>([
    Field("system-calls", "System calls per transaction, by name.", .array(of: call)) { counted in
      counted.end.calls.compactMap { call in
        counted.counts.each(call.count).map { (call.name, $0) }
      }
    },
    Field(optional: "allocations", "Slab allocations per transaction.", .number) {
      $0.counts.each($0.end.allocations.sum)
    },
    Field(optional: "packets", "Packets sent per transaction.", .number) {
      $0.counts.each($0.end.packets)
    },
  ]).shape

  private static let call = Record<Call>([
    Field("name", "The system call.", .string) { $0.name },
    Field("count", "Per transaction.", .number) { $0.each },
  ]).shape

  static let floor = Record<Floor>([
    Field("name", "What was called.", .string) { $0.name },
    Field(optional: "nanoseconds", "Median time of one.", .number) { $0.nanoseconds },
    Field(optional: "reason", "Why it was not measured.", .string) { $0.reason },
  ]).shape
}
