import Live
import Scaling

/// Where the time of packets goes on their way to the server; one bar a mode.
enum StageChart {
  static func svg(_ records: [StageRecord]) -> String {
    let names = BenchText.stageNames(records)
    return StackedBars(
      title: "Stages of the receive path", unit: "µs per packet",
      parts: names.map { StackedBars.Part(name: $0, style: style($0)) },
      rows: records.map { record in
        let times = names.map { record.split.times(of: $0) }
        return StackedBars.Row(
          label: record.mode.name, values: times.map { $0.map(record.split.mean) ?? 0 },
          hints: zip(names, times).map { name, times in
            "\(record.mode.name), \(title(name)): " + (times.map { hint($0, record.split) } ?? "–")
          })
      }
    ).svg
  }

  private static func hint(_ times: StageSplit.Times, _ split: StageSplit) -> String {
    "\(Format.fixed(split.mean(times), 1)) µs; of \(Words.grouped(times.packets)) packets that "
      + "passed it p50 \(Words.time(times.p50)), p99 \(Words.time(times.p99))"
  }

  /// What `rxtune trace` calls a stage; the name itself of one that this rxtune does not know.
  private static func title(_ name: String) -> String {
    TraceStage.all.first { $0.id == name }?.title ?? name
  }

  private static func style(_ name: String) -> String {
    "s\(TraceStage.all.firstIndex { $0.id == name } ?? TraceStage.all.count)"
  }

  static func styleSheet(_ records: [StageRecord]) -> String {
    guard !records.isEmpty else { return "" }
    return (0...TraceStage.all.count).map { ".s\($0) { fill: \(Chart.colour($0)); }\n" }.joined()
  }
}
