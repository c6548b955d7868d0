import Live
import Scaling

extension BenchText {
  /// The stages that packets passed, in their order.
  static func stageNames(_ records: [StageRecord]) -> [String] {
    let passed = records.flatMap { $0.split.stages.map(\.name) }
    let known = TraceStage.all.map(\.id)
    var unknown: [String] = []
    for name in passed where !known.contains(name) && !unknown.contains(name) {
      unknown.append(name)
    }
    return known.filter(passed.contains) + unknown
  }

  static func stageColumns(_ records: [StageRecord]) -> [Table.Column] {
    [.left("stages"), .right("workers"), .right("packets")] + stageNames(records).map { .right($0) }
      + [.right("whole"), .right("p50"), .right("p99"), .right("accounted"), .right("cost")]
  }

  static func stageRows(_ records: [StageRecord]) -> [[String?]] {
    let names = stageNames(records)
    func micro(_ nanoseconds: Double) -> String { Format.fixed(nanoseconds / 1000, 1) }
    return records.map { record in
      let split = record.split
      let times = names.map { split.times(of: $0) } + [split.whole]
      return [record.mode.name, "\(record.workers)", split.whole.map { Words.grouped($0.packets) }]
        + times.map { $0.map { Format.fixed(split.mean($0), 1) } }
        + [
          split.whole.map { micro(Double($0.p50)) }, split.whole.map { micro(Double($0.p99)) },
          split.accountedShare.map { Format.percent($0) }, split.cost.map(micro),
        ]
    }
  }

  static func stageLegend(_ records: [StageRecord]) -> String {
    var notes: [String] = []
    for note in records.flatMap(\.split.notes) where !notes.contains(note) { notes.append(note) }
    return
      ([
        "mean µs per packet in each stage of the receive path, from its first stamp to recv(2), in a "
          + "traced run of its own (stages: rxtune help trace; gro includes the backlog and the way to "
          + "RPS's CPU); whole: their sum, with percentiles; accounted: packets whose end is known; "
          + "cost: µs that tracing took per packet"
      ] + notes).joined(separator: "; ")
  }

  static func stages(_ records: [StageRecord]) -> String {
    var table = Table(stageColumns(records))
    for row in stageRows(records) { table.add(row) }
    return table.lines().joined(separator: "\n") + "\n" + stageLegend(records)
  }
}

extension StageSplit {
  func times(of name: String) -> Times? { stages.first { $0.name == name }?.times }
}
