import Scaling

/// A column of the table of results, and what stands there of a summary.
struct BenchFigure {
  var column: Table.Column
  var cell: (ModeSummary) -> String?

  init(_ column: Table.Column, _ cell: @escaping (ModeSummary) -> String?) {
    self.column = column
    self.cell = cell
  }

  /// The mean over the runs.
  static func mean(
    _ title: String, _ decimals: Int, _ figure: @escaping (RunRecord) -> Double?
  ) -> BenchFigure {
    BenchFigure(.right(title)) { $0.mean(figure).map { Format.fixed($0, decimals) } }
  }

  /// Median over the runs, in µs.
  static func latency(
    _ name: String, _ percentile: @escaping (LatencySummary) -> UInt64
  ) -> BenchFigure {
    BenchFigure(.right("\(name) µs")) {
      $0.latency(percentile).map { Format.fixed($0 / 1000, 0) }
    }
  }

  static var runs: BenchFigure { BenchFigure(.right("runs")) { "\($0.runs.count)" } }
  static var rate: BenchFigure { BenchFigure(.right("trans/s")) { Format.rate($0.meanRate) } }
  static var precision: BenchFigure {
    BenchFigure(.right("±")) { $0.rate.map { Format.percent($0.relativeHalfWidth) } }
  }
  static var idle: BenchFigure {
    BenchFigure(.right("idle s/c")) { summary in
      [summary.mean(\.derived.serverIdle), summary.mean(\.derived.clientIdle)]
        .map { $0.map { Format.fixed($0 * 100, 0) } ?? "–" }.joined(separator: "/")
    }
  }
  /// Of `receive`.
  static var flow: [BenchFigure] {
    [
      BenchFigure(.right("offered")) { $0.mean(\.derived.offered).map { Format.rate($0) } },
      BenchFigure(.right("loss")) { $0.mean(\.derived.loss).map { Format.percent($0) } },
    ]
  }
}
