package import Scaling

/// A comparison in sentences: a row each, then what weakens them.
package enum ComparisonText {
  package static func sentences(_ comparison: Comparison) -> [String] {
    comparison.rows.map(sentence) + comparison.cautions.map(text)
  }

  /// "reuseport with 2 workers: B is faster than A: throughput 1.08× [1.02–1.15], p99 0.90×
  /// [0.80–1.01], CPU time per transaction 0.95× [0.91–0.99]; 12 pairs."
  static func sentence(_ row: Comparison.Row) -> String {
    let answer =
      switch row.outcome {
      case .faster, .slower:
        "\(row.names.of) is \(row.outcome.rawValue) than \(row.names.over)"
      case .inconclusive: "\(row.names.of) against \(row.names.over) is inconclusive"
      }
    let figures = [
      ("throughput", row.rate), ("p99", row.p99), ("CPU time per transaction", row.cpu),
    ].compactMap { name, ratio in ratio.map { "\(name) \(text($0))" } }
    return (subject(row).map { "\($0): " } ?? "")
      + "\(answer): \(figures.joined(separator: ", ")); \(Format.count(row.pairs, "pair"))."
  }

  /// "reuseport with 2 workers"; nil where the server is elsewhere.
  static func subject(_ row: Comparison.Row) -> String? {
    row.server.map { "\($0.mode.name) with \(Format.count($0.workers, "worker"))" }
  }

  static func text(_ caution: Comparison.Caution) -> String {
    switch caution {
    case .apart: "Measured one after the other: what drifted in between is in the ratios."
    case .machines(let one, let other): "Different machines: \(one), \(other)."
    case .kernels(let one, let other): "Different kernels: \(one), \(other)."
    case .quotas(let one, let other): "CPU quotas: \(text(one)) → \(text(other))"
    case .conditions: "Workload, connections, rate, CPUs or network differ."
    case .setting(let name, let old, let new):
      "\(name): \(old ?? "absent") → \(new ?? "absent")"
    case .unknownSettings: "The sysctls of the network namespaces were not recorded."
    case .noChange(let variant): "\(variant) changes nothing here."
    case .sameChanges(let variant, let other): "\(variant) makes the same changes as \(other)."
    }
  }

  private static func text(_ quotas: [CPUQuota]) -> String {
    quotas.isEmpty ? "none" : quotas.map(\.description).joined(separator: ", ")
  }

  /// "1.08× [0.97–1.21]"
  static func text(_ interval: Interval) -> String {
    "\(Format.fixed(interval.estimate, 2))× "
      + "[\(Format.fixed(interval.low, 2))–\(Format.fixed(interval.high, 2))]"
  }
}
