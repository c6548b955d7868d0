import Knobs
import ReceivePath

extension Rule {
  /// irqbalance runs while a change in force placed interrupts: it moves them again within ten seconds
  /// (irqbalance(1); irqbalance#246).
  static let irqbalanceUndoes = Rule(
    "irqbalance-undoes", "irqbalance will move interrupts that a change has placed", .state,
    document: "irqbalance(1)"
  ) { examination in
    guard let pid = examination.surroundings.irqbalance else { return [] }
    guard examination.surroundings.knowsChanges else {
      return [.unchecked(nil, "whether a change placed interrupts is not known of a capture")]
    }
    let names = examination.now.devices.map(\.link.name)
    return examination.surroundings.placedInterrupts.filter { names.contains($0.device) }.map {
      placed in
      .finding(
        Finding(
          .risk, at: .device(placed.device),
          "irqbalance runs, and will move the interrupts that \"rxtune \(placed.change)\" placed.",
          evidence: [
            Evidence("irqbalance", "pid \(pid)", from: "/proc/\(pid)/comm"),
            Evidence("change in force", placed.change, from: "journal"),
          ],
          consequence: "Within ten seconds the interrupts are where irqbalance wants them.",
          fix: .run(
            ["rxtune", "irq", placed.device, "spread", "--irqbalance", "ban", "--dry-run"],
            remark: "It prints the lines for irqbalance's configuration; or stop irqbalance. "
              + "On EC2 keep it and ban CPUs instead (IRQBALANCE_BANNED_CPULIST)."), .configured))
    }
  }
}
