import Knobs
import ReceivePath

extension Rule {
  /// NAPI polling cycles end by netdev_budget or netdev_budget_usecs with work left, on a CPU that is
  /// full of softirqs (admin-guide/sysctl/net.rst; RHEL network performance guide).
  ///
  /// A few are normal on any host: netdata's alarm on single ones was noise (netdata#1076, #984), and
  /// now takes ten a second.
  static let timeSqueeze = Rule(
    "time-squeeze", "Polling cycles end with work left on a saturated CPU", .rate,
    document: "admin-guide/sysctl/net.rst", reads: [.netdevBudget, .netdevBudgetUsecs],
    explains: ["ksoftirqd"]
  ) { examination in
    softnet(examination, \.timeSqueeze) { squeezed in
      let saturated = squeezed.compactMap { row in
        examination.softirqShare(ofCPU: row.cpu).map { (cpu: row.cpu, rate: row.rate, share: $0) }
      }.filter { $0.share >= softirqLimit }
      guard let worst = saturated.max(by: { $0.rate < $1.rate }) else {
        return examination.processorTimes == nil
          ? [.unchecked(nil, "the time that CPUs spend in softirqs is not known")] : []
      }
      let raised = budgets.compactMap { knob, usual in
        examination.settings.number(knob).map {
          "\(knob.id)=\(max(min($0, Int64(Int32.max) / 2) * 2, usual))"
        }
      }
      return [
        .finding(
          Finding(
            .cost, at: .cpus(CPUSet(saturated.map(\.cpu))),
            "NAPI polling ends with packets left, \(Examination.whole(worst.rate)) times a second.",
            evidence: [
              Evidence(
                "time_squeeze of CPU \(worst.cpu)", worst.rate, "/s", from: "/proc/net/softnet_stat"
              ),
              SoftirqShare(cpu: worst.cpu, share: worst.share).evidence,
            ] + budgets.compactMap { examination.settings.evidence($0.knob) },
            consequence: "Packets wait in the rings for the next cycle; the CPU does little else.",
            fix: raised.isEmpty
              ? .advice("Spread the load over more CPUs first (rxtune irq, rxtune channels).")
              : .run(
                ["rxtune", "set"] + raised,
                remark: "Spread the load over more CPUs first: a larger budget delays other "
                  + "softirqs and programs."), .measured))
      ]
    }
  }

  /// With their defaults (net/core/hotdata.c; two jiffies where there are a thousand a second).
  private static let budgets: [(knob: Knob, usual: Int64)] = [
    (.netdevBudget, 300), (.netdevBudgetUsecs, 2_000),
  ]

  /// netdata's softnet alarms; a CPU's poll cycles are hundreds to thousands a second.
  static let softnetLimit = 10.0

  /// CPUs on which a counter of softnet_stat grows by more than the limit.
  static func softnet(
    _ examination: Examination, _ counter: (SoftnetStat.Row) -> UInt32,
    _ examine: ([(cpu: Int, rate: Double)]) -> [Verdict]
  ) -> [Verdict] {
    if let reason = examination.withoutRates { return [.unchecked(nil, reason)] }
    guard let rates = examination.softnetRates(of: counter) else {
      return [.unchecked(nil, "/proc/net/softnet_stat is not known")]
    }
    guard !rates.isEmpty else { return [.unchecked(nil, "the CPUs of softnet_stat are not known")] }
    let above = rates.filter { $0.rate > softnetLimit }
    return above.isEmpty ? [] : examine(above)
  }
}
