import Scaling

/// What the runs allow to be said, a sentence each.
enum VerdictText {
  static func sentences(_ verdict: Verdict) -> [String] {
    if verdict.measuredNothing { return ["Nothing was measured."] }
    return disturbance(verdict.disturbance) + verdict.differences.map { text($0, verdict.workers) }
      + BypassText.sentences(verdict.bypass) + variants(verdict.variants) + growth(verdict.growth)
      + bottlenecks(verdict)
      + ceilings(verdict.ceilings)
      + verdict.limits.map(text)
  }

  private static func disturbance(_ disturbance: Verdict.Disturbance?) -> [String] {
    guard let disturbance else { return [] }
    return [
      "Other processes used up to \(Format.percent(disturbance.share, 0)) of the CPUs in "
        + "\(disturbance.disturbed) of \(disturbance.runs) runs; differences below may be theirs."
    ]
  }

  private static func variants(_ comparison: Comparison?) -> [String] {
    guard let comparison else { return [] }
    return comparison.rows.isEmpty
      ? ["Too few rounds to compare the profiles."] + comparison.cautions.map(ComparisonText.text)
      : ComparisonText.sentences(comparison)
  }

  // MARK: Mode against mode

  private static func text(_ difference: Verdict.Difference, _ workers: Int) -> String {
    let subject = "With \(Format.count(workers, "worker")), \(name(difference.figure))"
    let base = difference.baseline.name
    guard !difference.ratios.isEmpty else { return "\(subject): too few rounds to compare." }
    guard !difference.differing.isEmpty else {
      let farthest = difference.farthest.map { " (largest difference: \(text($0)))" } ?? ""
      return "\(subject): no significant difference from \(base)\(farthest)."
    }
    let ratios = difference.differing.map(text).joined(separator: ", ")
    return
      "\(subject) compared with \(base): \(ratios)\(difference.hasBetter ? "" : "; none is better")."
  }

  private static func text(_ ratio: Verdict.Difference.Ratio) -> String {
    "\(ratio.mode.name) \(ComparisonText.text(ratio.ratio))"
  }

  private static func name(_ figure: Verdict.Difference.Figure) -> String {
    switch figure {
    case .throughput: "throughput"
    case .p99: "p99 latency"
    case .cpu: "CPU time per transaction"
    }
  }

  // MARK: What more workers cost

  /// A sentence for those that were measured with the same numbers of workers.
  private static func growth(_ growth: [CostGrowth]) -> [String] {
    guard let first = growth.first else { return [] }
    let group = growth.filter { $0.fewest == first.fewest && $0.most == first.most }
    let rest = self.growth(growth.filter { $0.fewest != first.fewest || $0.most != first.most })
    let subject =
      "From \(first.fewest) to \(Format.count(first.most, "worker")), CPU time per transaction"
    let grown = group.filter(\.isSignificant)
    guard !grown.isEmpty else { return ["\(subject): no significant growth."] + rest }
    let parts = grown.map { growth in
      let increases = growth.increases.map(text).joined(separator: ", ")
      return "\(growth.name) \(ComparisonText.text(growth.ratio))"
        + (increases.isEmpty ? "" : " (\(increases))")
    }
    return ["\(subject) grows: \(parts.joined(separator: "; "))."] + rest
  }

  private static func text(_ increase: CostGrowth.Increase) -> String {
    switch increase.part {
    case .user, .system, .softirq:
      "\(increase.part.rawValue) +\(Format.fixed(increase.amount, 1)) µs"
    case .emptyWakeUps: "\(Format.fixed(increase.amount, 2)) more empty wake-ups"
    case .lockSpins: "lock spins +\(Format.fixed(increase.amount, 1)) µs"
    }
  }

  // MARK: What holds a mode back

  /// Modes that the same thing holds back share a sentence.
  private static func bottlenecks(_ verdict: Verdict) -> [String] {
    var kinds: [Bottleneck.Kind] = []
    for kind in verdict.bottlenecks.map(\.bottleneck.kind) where !kinds.contains(kind) {
      kinds.append(kind)
    }
    let workers = Format.count(verdict.workers, "worker")
    return kinds.map { kind in
      let group = verdict.bottlenecks.filter { $0.bottleneck.kind == kind }
      if group.count == 1, let only = group.first {
        return "\(only.name) with \(workers) is limited by \(name(kind)): "
          + "\(evidence(only.bottleneck))."
      }
      let parts = group.map { "\($0.name) (\(evidence($0.bottleneck)))" }
      return "With \(workers), limited by \(name(kind)): \(parts.joined(separator: ", "))."
    }
  }

  private static func name(_ kind: Bottleneck.Kind) -> String {
    switch kind {
    case .offeredLoad: "the offered load"
    case .cpuQuota: "a CPU quota"
    case .loadGenerator: "the load generator"
    case .softirqOnOneCPU: "softirq on one CPU"
    case .thunderingHerd: "the thundering herd"
    case .workerImbalance: "imbalance between workers"
    case .listenLock: "the listen socket's lock"
    case .sharedCPUs: "CPUs that server and client share"
    case .serverCPUs: "the server's CPUs"
    }
  }

  static func evidence(_ bottleneck: Bottleneck) -> String {
    func percent(_ share: Double) -> String { Format.percent(share, 0) }
    return switch bottleneck {
    case .offeredLoad(let rate): "all of \(Format.rate(rate))/s was served"
    case .cpuQuota(let quota, let waited):
      "\(quota) was used up, and threads waited \(percent(waited)) of the time"
    case .loadGenerator(let idle, let server):
      "its CPUs were \(percent(idle)) idle, the server's \(percent(server))"
    case .softirqOnOneCPU(let cpu, let share, let others):
      "CPU \(cpu) spent \(percent(share)) of its time in softirq, the other server CPUs "
        + percent(others)
    case .thunderingHerd(let wakeUps):
      "\(Format.fixed(wakeUps, 2)) wake-ups per transaction found no connection"
    case .workerImbalance(let busiest):
      "the busiest worker had \(Format.fixed(busiest, 2)) times an even share"
    case .listenLock(let microseconds, let share):
      "CPUs spun \(Format.fixed(microseconds, 1)) µs per transaction for it, \(percent(share)) of "
        + "their time"
    case .sharedCPUs(let idle), .serverCPUs(let idle): "\(percent(idle)) idle"
    }
  }

  // MARK: Where one listener stops

  private static func ceilings(_ ceilings: [ListenerCeiling]) -> [String] {
    guard !ceilings.isEmpty else { return [] }
    let told = ceilings.filter(\.isTold)
    let end = told.isEmpty ? "" : " SO_REUSEPORT moves that limit."
    return ["One shared listener: \(ceilings.map(text).joined(separator: "; ")).\(end)"]
  }

  /// "shared-epoll is serial for 0.53 µs per connection [0.41–0.67] (waking workers) and stops near
  /// 1.89 M connections/s, about 140 cores of this load"
  private static func text(_ ceiling: ListenerCeiling) -> String {
    guard ceiling.isTold else {
      return
        "\(ceiling.mode.name) waited too rarely for its locks (\(ceiling.found)×) to tell where "
        + "it stops, but not below \(Format.rate(ceiling.leastRate)) connections/s"
    }
    func micro(_ seconds: Double) -> String { Format.fixed(seconds * 1e6, 2) }
    let serial = ceiling.serial
    return "\(ceiling.mode.name) is serial for \(micro(serial.estimate)) µs per connection "
      + "[\(micro(serial.low))–\(micro(serial.high))] (\(place(ceiling.lock))) and stops near "
      + "\(Format.rate(ceiling.rate)) connections/s\(ceiling.cores.map { cores($0, ceiling) } ?? "")"
  }

  private static func cores(_ cores: Double, _ ceiling: ListenerCeiling) -> String {
    let count = Format.fixed(max(1, cores), 0)
    return ", about \(count) core\(count == "1" ? "" : "s") of this load"
      + (ceiling.countsLoad ? ", client included" : "")
  }

  private static func place(_ lock: ListenerLocks.Kind) -> String {
    switch lock {
    case .socket: "in accept"
    case .queue: "on the accept queue"
    case .sleepers: "waking workers"
    }
  }

  // MARK: What cannot be said

  private static func text(_ limit: Verdict.Limit) -> String {
    switch limit {
    case .fewCPUs(let count):
      "\(Format.count(count, "CPU")) \(count == 1 ? "suffices" : "suffice") to compare CPU time per "
        + "transaction, latency and balance; not to tell how throughput scales, or whether many "
        + "CPUs contend for the listen lock."
    case .loopback:
      "On loopback the sender's CPU runs the receive softirq: these figures say nothing about RSS, "
        + "RPS or locality."
    case .sharedCPUs:
      "Server and client share CPUs: rates are of both together, and α counts the client's CPU time "
        + "as contention."
    case .fewRounds(let count):
      "\(Format.count(count, "round")) cannot tell a difference from chance, nor fit a scaling law; "
        + "\(Interval.leastSamples) can."
    }
  }
}
