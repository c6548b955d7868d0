/// Interrupts: which CPU takes them. How often, is in CoalescingKnobs; how fast a sleeping CPU
/// answers, in PowerKnobs.
extension Knob {
  static let irq: [Knob] =
    [
      irqAffinity, irqEffectiveAffinity, irqAffinityHint, irqNode, irqDefaultAffinity,
    ] + coalescing + power

  package static let irqAffinity = irqFile(
    "smp-affinity", "smp_affinity_list", "CPUs that may handle the interrupt", .cpus, .existing,
    since: "2.4", writable: true,
    notes: """
      At least one of the CPUs must be online. irqbalance overwrites it, and drivers reset it when \
      they request the interrupt again (rings, channels, link down and up). An interrupt that the \
      kernel manages refuses a change (EPERM; EIO before 6.12); its file is read-only (0444), so a \
      plan reports it beforehand.
      """)

  package static let irqEffectiveAffinity = irqFile(
    "effective-affinity", "effective_affinity_list", "CPU that handles the interrupt now", .cpus,
    .existing, since: "4.13",
    notes: "It may lag behind irq.smp-affinity until the next interrupt.")

  package static let irqAffinityHint = irqFile(
    "affinity-hint", "affinity_hint", "CPUs that the driver suggests", .cpus, .existing,
    since: "2.6.35", notes: "Empty if the driver suggests none. irqbalance may follow it.")

  package static let irqNode = irqFile(
    "node", "node", "NUMA node of the device that interrupts", .number,
    .between(-1, Int64(Int32.max)), since: "2.6.35", notes: "-1 if no node is known.")

  package static let irqDefaultAffinity = Knob(
    id: "irq.default-smp-affinity", stage: .irq, scope: .host,
    summary: "CPUs that newly requested interrupts may use", unit: .cpus,
    range: .existing,
    access: .irqDefault("default_smp_affinity"), risks: [.host],
    document: Document.irqAffinity, since: "2.6.24",
    notes: "Existing interrupts keep their affinity.")

  private static func irqFile(
    _ name: String, _ file: String, _ summary: String, _ unit: Unit, _ range: Range,
    since: String, writable: Bool = false, notes: String
  ) -> Knob {
    Knob(
      id: "irq.\(name)", stage: .irq, scope: .irq, summary: summary, unit: unit, range: range,
      access: .irqFile(file), settles: writable ? .later : .exact,
      risks: writable ? [.host] : [], document: Document.irqAffinity, since: since, notes: notes,
      isWritable: writable)
  }
}
