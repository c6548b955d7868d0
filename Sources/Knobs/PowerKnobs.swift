/// Power saving, as far as it delays interrupts: the depth of idle states, and clock frequency.
extension Knob {
  static let power: [Knob] = [
    cpuDMALatency, cpuScalingGovernor, cpuIdleDisable,
  ]

  package static let cpuDMALatency = Knob(
    id: "cpu-dma-latency", stage: .irq, scope: .host,
    summary: "Maximum wake-up latency of CPU idle states", unit: .microseconds,
    range: int32, access: .latencyRequest, defaultValue: "2000000000",
    risks: [.host, .burn], document: Document.latency, since: "2.6.25",
    notes: """
      2000000000 means no limit. A request holds only while the file that it was written to stays \
      open, so a program has to keep it open; rxtune only shows it. Programs write four bytes: the \
      kernel reads text as hexadecimal.
      """,
    isWritable: false)

  package static let cpuScalingGovernor = Knob(
    id: "cpufreq.scaling-governor", stage: .irq, scope: .cpu,
    summary: "Governor that chooses the CPU's clock frequency", unit: .text, range: .any,
    access: .cpuFile("cpufreq/scaling_governor"), risks: [.host, .burn],
    document: Document.cpufreq, since: "2.6.9",
    notes: """
      With "performance" the first packets after a pause need not wait for the clock to ramp up.
      """)

  package static let cpuIdleDisable = Knob(
    id: "cpuidle.disable", stage: .irq, scope: .cpu,
    summary: "Idle states that the CPU does not enter", unit: .idleStates,
    range: .existing,
    access: .idleStates, risks: [.host, .burn], document: Document.cpuidle, since: "3.3",
    notes: """
      "none", or a list such as "2-3"; deeper states have higher numbers.
      """)
}
