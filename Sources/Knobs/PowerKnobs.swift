/// Power saving, as far as it delays interrupts: the depth of idle states, and clock frequency.
extension Knob {
  static let power: [Knob] = [
    cpuDMALatency, cpuScalingGovernor, cpuIdleDisable,
  ]

  package static let cpuDMALatency = Knob(
    id: "cpu-dma-latency", stage: .irq, scope: .host,
    summary: "Longest wake-up delay that idle states may have", unit: .microseconds,
    range: int32, access: .latencyRequest, defaultValue: "2000000000",
    risks: [.host, .burn], document: Document.latency, since: "2.6.25",
    notes: """
      2000000000 stands for no limit. A request holds only as long as the file that it was \
      written to stays open, so a program has to keep it, and rxtune only shows it. Written as \
      text, the number is taken for hexadecimal: programs write four bytes.
      """,
    isWritable: false)

  package static let cpuScalingGovernor = Knob(
    id: "cpufreq.scaling-governor", stage: .irq, scope: .cpu,
    summary: "Rule that chooses the CPU's clock frequency", unit: .text, range: .any,
    access: .cpuFile("cpufreq/scaling_governor"), risks: [.host, .burn],
    document: Document.cpufreq, since: "2.6.9",
    notes: "\"performance\" spares the first packets after a pause the ramp of the clock.")

  package static let cpuIdleDisable = Knob(
    id: "cpuidle.disable", stage: .irq, scope: .cpu,
    summary: "Numbers of the idle states that the CPU does not enter", unit: .idleStates,
    range: .existing,
    access: .idleStates, risks: [.host, .burn], document: Document.cpuidle, since: "3.3",
    notes: "\"none\", or a list as \"2-3\": the deepest states have the highest numbers.")
}
