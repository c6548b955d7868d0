import Knobs
import Scaling

/// Where a transaction's time goes, for a terminal.
enum BreakdownText {
  /// A part for each workload, and one for the floors.
  static func parts(_ results: Results) -> [String] {
    var parts = results.breakdowns.flatMap { breakdown in
      [
        heading(breakdown) + "\n" + table(breakdown), calls(breakdown),
        breakdown.counts.map(counts) ?? "",
      ]
    }
    if !results.floors.isEmpty { parts.append(floors(results.floors)) }
    if !results.breakdowns.isEmpty { parts.append(limits.joined(separator: "\n")) }
    return parts.filter { !$0.isEmpty }
  }

  /// What a transaction of it is.
  static func noun(_ exchange: Exchange) -> String {
    switch exchange.workload {
    case .crr: "a short connection"
    case .rr: "a kept one"
    case .udpRR: "a request in datagrams"
    case .receive: "a datagram"
    }
  }

  static func heading(_ breakdown: Breakdown) -> String {
    let run = breakdown.run
    return "\(breakdown.exchange.workload.rawValue), \(run.mode.name): "
      + "\(Format.rate(run.rate)) transactions/s while sampled; µs of CPU per transaction"
  }

  static func name(_ end: Breakdown.End) -> String {
    switch end.kind {
    case .server: "server"
    case .load: "load"
    case .both: "both"
    }
  }

  // MARK: By cause

  static func columns(_ breakdown: Breakdown) -> [Table.Column] {
    [.left("cause")]
      + breakdown.ends.flatMap { end -> [Table.Column] in
        [.right("\(name(end)) µs"), .right("±"), .right("share")]
      } + [.left("")]
  }

  static let legend =
    "±: half the 95 % interval, from the number of samples; share: of what was spent for the "
    + "transactions. Measured: the time that these CPUs were not idle, by /proc/stat; not sampled: "
    + "the rest of it, interrupts of an idle CPU"

  /// Of what any end has samples of, the most expensive first; then the sums.
  static func rows(_ breakdown: Breakdown) -> [[String?]] {
    let causes = Cause.allCases.filter { cause in
      breakdown.ends.contains { $0.samples([cause]) > 0 }
    }.sorted { cost($0, breakdown) > cost($1, breakdown) }
    let most = causes.first.map { cost($0, breakdown) } ?? 0
    var rows: [[String?]] = []
    func add(_ title: String, _ bar: String = "", _ cells: (Breakdown.End) -> [String?]) {
      rows.append([title] + Array(breakdown.ends.map(cells).joined()) + [bar])
    }
    for cause in causes {
      add(cause.title, bar(cost(cause, breakdown), of: most)) { end in
        cells(breakdown, end, end.samples([cause])) + [end.share([cause]).flatMap(percent)]
      }
    }
    let sums: [(String, (Breakdown.End) -> UInt64)] = [
      ("sum", \.busy), ("other processes", \.foreign), ("rxtune's sampler", \.own),
    ]
    for (title, samples) in sums where breakdown.ends.contains(where: { samples($0) > 0 }) {
      add(title) { end in cells(breakdown, end, samples(end)) + [nil] }
    }
    for (title, time) in [("not sampled", breakdown.unsampled), ("measured", breakdown.measured)] {
      add(title) { end in [time(end).map { Format.fixed($0, 2) }, nil, nil] }
    }
    return rows
  }

  private static func table(_ breakdown: Breakdown) -> String {
    var table = Table(columns(breakdown))
    for row in rows(breakdown) { table.add(row) }
    return table.lines().joined(separator: "\n") + "\n" + legend
  }

  private static func cells(_ breakdown: Breakdown, _ end: Breakdown.End, _ samples: UInt64)
    -> [String?]
  {
    guard samples > 0, let time = breakdown.time(samples, end) else { return [nil, nil] }
    return [Format.fixed(time.microseconds, 2), Format.fixed(1.96 * time.error, 2)]
  }

  private static func percent(_ share: (share: Double, error: Double)) -> String? {
    share.share > 0 ? Format.percent(share.share, 0) : nil
  }

  /// Of both ends together, µs a transaction.
  static func cost(_ cause: Cause, _ breakdown: Breakdown) -> Double {
    breakdown.ends.reduce(0) { sum, end in
      sum + (breakdown.time(end.samples([cause]), end)?.microseconds ?? 0)
    }
  }

  private static let barWidth = 24.0

  private static func bar(_ value: Double, of most: Double) -> String {
    guard most > 0, value.isFinite else { return "" }
    return String(repeating: "█", count: Int((value / most * barWidth).rounded()))
  }

  // MARK: By call

  /// "server by call: softirq 6.30, close 3.80, …"
  private static func calls(_ breakdown: Breakdown) -> String {
    breakdown.ends.map { end in
      let times = end.calls.prefix(mostCalls).compactMap { share in
        breakdown.time(share.samples, end).map {
          "\(share.of) \(Format.fixed($0.microseconds, 2))"
        }
      }
      let unknown = end.unknown.map(\.of).joined(separator: ", ")
      return "\(name(end)) by call: \(Terminal.printable(times.joined(separator: ", ")))"
        + (unknown.isEmpty ? "" : "\n\(name(end)) unknown: \(Terminal.printable(unknown))")
    }.joined(separator: "\n")
  }

  private static let mostCalls = 10

  // MARK: Counts and floors

  static func counts(_ counts: TransactionCounts) -> String {
    func text(_ count: UInt64?) -> String {
      counts.each(count).map { Format.fixed($0, 2) } ?? "–"
    }
    func calls(_ end: TransactionCounts.End) -> String {
      let named = end.calls.filter { (counts.each($0.count) ?? 0) >= 0.005 }
        .map { "\($0.name) \(text($0.count))" }
      return "\(text(end.callCount))"
        + (named.isEmpty ? "" : " (\(Terminal.printable(named.joined(separator: ", "))))")
    }
    return """
      system calls per transaction, counted in a run of their own: server \(calls(counts.server)); \
      load \(calls(counts.load))
      slab allocations per transaction: \(text(counts.allocations)) at both ends, \
      \(text(counts.server.allocations.sum)) of them in the server's tasks, \
      \(text(counts.load.allocations.sum)) in the load's, \(text(counts.kernelAllocations.sum)) in \
      the kernel's own
      packets per transaction: \(text(counts.packets)) at both ends, \
      \(text(counts.server.packets)) of them from the server
      """
  }

  static let floorColumns: [Table.Column] = [.left("floor"), .right("ns"), .left("")]

  static func cells(_ floor: Floor) -> [String?] {
    [floor.name, floor.nanoseconds.map { Format.fixed($0, 0) }, floor.reason ?? ""]
  }

  static let floorLegend =
    "what calls that do next to nothing cost on the server's CPU; median of nine rounds"

  private static func floors(_ floors: [Floor]) -> String {
    var table = Table(floorColumns)
    for floor in floors { table.add(cells(floor)) }
    return table.lines().joined(separator: "\n") + "\n" + floorLegend
  }

  // MARK: Sentences

  /// What this way to look cannot tell.
  static let limits = [
    "Softirqs count where they run: the load's CPUs also process packets of the server. Compare modes "
      + "by both ends together.",
    "Code that runs with interrupts off is charged to the moment that turns them on again, mostly "
      + "the unlock that ends it.",
  ]

  static func sentences(_ results: Results) -> [String] {
    var sentences: [String] = []
    let blamed = results.breakdowns.compactMap { breakdown -> String? in
      guard let end = breakdown.ends.first, let share = end.share(Cause.blamed) else { return nil }
      return "\(Format.percent(share.share, 0)) ±\(Format.fixed(196 * share.error, 1)) of "
        + noun(breakdown.exchange)
    }
    if let end = results.breakdowns.first?.ends.first, !blamed.isEmpty {
      let place = end.kind == .both ? "the CPUs of both ends" : "the server's CPUs"
      sentences.append(
        "VFS overheads, system call overheads and memory allocation: "
          + "\(blamed.joined(separator: ", ")) on \(place).")
    }
    let local = results.breakdowns.compactMap { breakdown in
      breakdown.run.derived.locality.map {
        "\(Format.percent($0, 0)) of packets in \(breakdown.exchange.workload.rawValue)"
      }
    }
    if !local.isEmpty {
      sentences.append(
        "Connection locality: the worker's own CPU received \(local.joined(separator: ", ")). What "
          + "the others would cost, a run without them cannot show.")
    }
    return sentences
  }
}
