import Scaling

/// Results of `bench bypass` for people.
enum BypassText {
  // MARK: The table

  static func figures(_ results: Results) -> [BenchFigure] {
    let isOneWay = results.session?.plan.exchange.workload.isAnswered == false
    return [
      BenchFigure(.left("backend")) { $0.name }, .runs, .rate, .precision,
    ] + (isOneWay ? BenchFigure.flow : []) + [
      .latency("p50") { $0.p50 }, .latency("p99") { $0.p99 }, .latency("p99.9") { $0.p999 },
      .latency("p99.99") { $0.p9999 },
      .mean("user", 1) { $0.derived.host?.user },
      .mean("system", 1) { $0.derived.host?.system },
      .mean("softirq", 1) { $0.derived.host?.softirq },
      .mean("server", 1) { $0.costAtServer?.cpu },
      .mean("client", 1) { $0.costAtClient?.cpu },
      .idle,
      BenchFigure(.right("wait")) { $0.runs.first?.facts?.wait.rawValue },
      BenchFigure(.right("XDP")) { $0.runs.first?.facts?.attach?.rawValue },
      BenchFigure(.right("queues")) { summary in
        summary.runs.first?.facts.flatMap { $0.queues.isEmpty ? nil : "\($0.queues.count)" }
      },
      BenchFigure(.right("softirq s/c")) { summary in
        summary.mean(\.serverSoftirqShare).map {
          "\(Format.fixed($0 * 100, 0))/\(Format.fixed(100 - $0 * 100, 0))"
        }
      },
      count("calls", results) { Double($0.server.callCount) },
      count("allocs", results) { Double($0.allocations) },
      count("packets", results) { $0.packets.map { Double($0) } },
    ]
  }

  static let legend =
    "user, system, softirq: µs of CPU per transaction over both ends; server, client: the same by "
    + "end's CPUs; idle s/c: % of the server's and the client's CPUs; wait: poll sleeps in poll(2), busy does "
    + "not sleep; XDP: native and generic copy each packet, zero-copy does not; softirq s/c: whose CPUs ran "
    + "the softirqs, in %; calls: the server's system calls per transaction; allocs, packets: slab "
    + "allocations and packets per transaction, both ends, counted in an untimed run"

  private static func count(
    _ title: String, _ results: Results, _ figure: @escaping (TransactionCounts) -> Double?
  ) -> BenchFigure {
    BenchFigure(.right(title)) { summary in
      let record = results.counts.first {
        $0.mode == summary.mode && $0.workers == summary.workers
      }
      guard let counts = record?.counts, counts.transactions > 0 else { return nil }
      return figure(counts).map { Format.fixed($0 / Double(counts.transactions), 1) }
    }
  }

  // MARK: The verdict

  static func sentences(_ verdict: BypassVerdict?) -> [String] {
    guard let verdict else { return [] }
    let compared = verdict.rows.filter { !$0.ratios.isEmpty }
    var sentences = verdict.rows.flatMap { row in
      [gain(row, verdict)] + (row.prices.isEmpty ? [] : [price(row)])
    }
    if !compared.isEmpty,
      compared.allSatisfy({ $0.gains.isEmpty && ($0.isSame || !$0.losses.isEmpty) })
    {
      sentences.append(
        "The kernel's sockets win \(verdict.workload.rawValue) here: nothing measured gains over "
          + "\(verdict.baseline.name).")
    }
    return sentences + leftOut(verdict)
  }

  private static func gain(_ row: BypassVerdict.Row, _ verdict: BypassVerdict) -> String {
    let base = verdict.baseline.name
    let workload = verdict.workload.rawValue
    guard !row.ratios.isEmpty else {
      return "\(row.name): too few rounds to compare with \(base)."
    }
    func list(_ figures: [BypassVerdict.Figure]) -> String {
      figures.compactMap { figure in row.ratio(figure).map { text(figure, $0) } }
        .joined(separator: ", ")
    }
    let pairs = throughput(row) + Format.count(row.pairs, "pair")
    switch (row.gains.isEmpty, row.losses.isEmpty) {
    case (false, true):
      return "\(row.name) beats \(base) on \(workload): \(list(row.gains)); \(pairs)."
    case (false, false):
      return "\(row.name) trades against \(base) on \(workload): it gains \(list(row.gains)), and "
        + "loses \(list(row.losses)); \(pairs)."
    case (true, false):
      return "\(base) beats \(row.name) on \(workload): \(list(row.losses)); \(pairs)."
    case (true, true):
      return
        (row.isSame
        ? "\(row.name) gains nothing over \(base) on \(workload): "
        : "\(row.name) and \(base) cannot be told apart on \(workload): ")
        + "\(list(row.ratios.map(\.figure))); \(pairs)."
    }
  }

  /// Where it is neither gained nor lost, beside what is.
  private static func throughput(_ row: BypassVerdict.Row) -> String {
    guard let ratio = row.ratio(.throughput), ratio.contains(1),
      !row.gains.isEmpty || !row.losses.isEmpty
    else { return "" }
    return "\(text(.throughput, ratio)) may be chance; "
  }

  static func name(_ figure: BypassVerdict.Figure) -> String {
    switch figure {
    case .throughput: "throughput"
    case .p50: "p50 latency"
    case .p99: "p99 latency"
    case .cpu: "CPU time per transaction of both ends"
    }
  }

  private static func text(_ figure: BypassVerdict.Figure, _ ratio: Interval) -> String {
    "\(name(figure)) \(ComparisonText.text(ratio))"
  }

  private static func price(_ row: BypassVerdict.Row) -> String {
    "The price of \(row.name): \(row.prices.map(text).joined(separator: "; "))."
  }

  static func text(_ price: BypassVerdict.Price) -> String {
    switch price {
    case .burntCPU(let share):
      "it polls, and kept its CPUs \(Format.percent(share, 0)) busy at whatever load"
    case .withoutStack:
      "its packets pass no firewall, no tcpdump and no counter of the kernel's stack"
    case .takesQueues: "it needs root, an XDP program on the device and a socket on every queue"
    case .paysTwice: "the kernel's stack still handles a copy of each packet"
    case .anotherTCP:
      "its TCP is lwIP's: no ss, no sysctl and no congestion control of the kernel's"
    }
  }

  /// Those with the same workloads share a clause.
  private static func leftOut(_ verdict: BypassVerdict) -> [String] {
    var groups: [(serves: [Workload], names: [String])] = []
    for mode in verdict.leftOut {
      let serves = Workload.allCases.filter(mode.serves)
      if let index = groups.firstIndex(where: { $0.serves == serves }) {
        groups[index].names.append(mode.name)
      } else {
        groups.append((serves, [mode.name]))
      }
    }
    guard !groups.isEmpty else { return [] }
    let clauses = groups.map { group in
      "\(group.names.joined(separator: ", ")) (\(group.names.count == 1 ? "serves" : "serve") "
        + "\(group.serves.map(\.rawValue).joined(separator: ", ")) only)"
    }
    return ["Not measured on \(verdict.workload.rawValue): \(clauses.joined(separator: "; "))."]
  }
}
