import Knobs
import ReceivePath

extension Rule {
  /// irq-suspend-timeout without the two settings that it stands on (networking/napi.rst, "IRQ
  /// suspension": gro_flush_timeout and defer_hard_irqs have to be set).
  static let suspendAlone = Rule(
    "suspend-alone", "irq-suspend-timeout is set without what it stands on", .state,
    document: "networking/napi.rst", explains: ["defer-no-flush"]
  ) { examination in
    examination.receivingDevices { device in
      deferrals(device) { deferral in
        guard deferral.suspend > 0, deferral.irqs == 0 || deferral.timeout == 0 else { return nil }
        var commands: [[String]] = []
        if deferral.irqs == 0 { commands.append(deferral.set("defer-hard-irqs", 10)) }
        if deferral.timeout == 0 { commands.append(deferral.set("gro-flush-timeout", 20_000)) }
        return .finding(
          Finding(
            .risk, at: deferral.subject,
            "irq-suspend-timeout needs defer-hard-irqs and gro-flush-timeout.",
            evidence: deferral.evidence,
            consequence:
              "When the program stops polling, nothing polls until the interrupt is back.",
            fix: Diagnosis.Fix(
              commands: commands,
              remark:
                "rxtune apply busy-poll \(deferral.device) sets all three, and queues and CPUs "
                + "to match."), .configured))
      }
    }
  }
}
