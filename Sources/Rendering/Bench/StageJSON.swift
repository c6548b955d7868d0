import Scaling

extension ResultsJSON {
  static let stages = Record<StageRecord>([
    Field("mode", "The listener mode.", .oneOf(ListenerMode.all.map(\.name))) { $0.mode.name },
    Field("workers", "Number of server threads.", .integer) { $0.workers },
    Field("received", "Packets with data that came for the server.", .counter) {
      $0.split.received
    },
    Field(optional: "accounted", "Share of them whose end is known.", .number) {
      $0.split.accountedShare
    },
    Field(
      "stages",
      "The stages, in a packet's order; omitted are those that no packet passed. Their sums add "
        + "up to the whole's.",
      .array(of: stage)
    ) { record in record.split.stages.map { (record.split, $0) } },
    Field(
      optional: "whole", "From a packet's first stamp to its read; omitted without packets.",
      Record<StageSplit.Times>(times { $0 }).shape
    ) { $0.split.whole },
    Field(optional: "cost", "CPU time of tracing, in ns per packet.", .number) { $0.split.cost },
    Field("notes", "What the kernel does not tell.", .array(of: .string)) { $0.split.notes },
  ]).shape

  private static let stage = Record<(split: StageSplit, stage: StageSplit.Stage)>(
    [
      Field("stage", "The stage, as rxtune trace names it.", .string) { $0.stage.name },
      Field("mean", "Mean over all packets, in µs; those of all stages add up.", .number) {
        $0.split.mean($0.stage.times)
      },
    ] + times { $0.stage.times }
  ).shape

  private static func times<Subject>(
    _ get: @escaping @Sendable (Subject) -> StageSplit.Times
  ) -> [Field<Subject>] {
    [
      Field("packets", "Number of packets.", .counter) { get($0).packets },
      Field("sum", "Sum of their times, in ns.", .counter) { get($0).sum },
      Field("p50", "Median, in ns.", .counter) { get($0).p50 },
      Field("p99", "99th percentile, in ns.", .counter) { get($0).p99 },
    ]
  }
}
