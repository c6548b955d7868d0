package import Knobs

/// One receive queue followed through: queue → IRQ vector → NAPI instance → CPUs → NUMA node →
/// RPS CPUs.
///
/// nil means that the join ends there (no IRQ is known for the queue, so it has no affinity);
/// `Reading.absent` that it goes on and could not be read.
package struct QueuePath: Hashable, Sendable {
  package var queue: Int
  package var irq: Int?
  package var join: Join
  package var napi: NAPI?
  package var thread: Reading<NAPIThread>?
  /// CPUs that were asked for (smp_affinity).
  package var affinity: Reading<CPUSet>?
  /// CPUs that the interrupt is delivered to; follows at the next interrupt only.
  package var effectiveAffinity: Reading<CPUSet>?
  /// How often the IRQ fired, over all CPUs.
  package var interrupts: UInt64?
  /// From the device's node to the nearest CPU that is interrupted; 10 is local (ACPI SLIT).
  package var numaDistance: Int?
  /// Of the main context's table: 0…1.
  package var rssShare: Double?
  /// Empty: RPS is off.
  package var rpsCPUs: Reading<CPUSet>
  package var rpsFlowCount: Reading<Int64>
  package var statistics: QueueStatistics?

  /// CPUs that serve the queue's interrupt, as far as is known.
  package var cpus: CPUSet? {
    if let effective = effectiveAffinity?.value, !effective.isEmpty { return effective }
    return affinity?.value
  }
}
