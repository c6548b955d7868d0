import Knobs

@testable import Tuning

/// What a policy chooses for a queue, as the tables of placement ask for it.
extension Placement {
  /// The interrupt's CPUs; those of the next queue go by it.
  mutating func affinity(_ policy: Policy, queue: Int) -> CPUSet? {
    let cpus = cpus(policy, .irqAffinity, queue)
    if let cpus { place(cpus, queue: queue) }
    return cpus
  }

  func rps(_ policy: Policy, queue: Int) -> CPUSet? { cpus(policy, .rpsCPUs, queue) }

  func xps(_ policy: Policy, queue: Int) -> CPUSet? { cpus(policy, .xpsCPUs, queue) }

  func unknown(_ policy: Policy, of knob: Knob, queue: Int) -> String? {
    policy.unknown(for: knob, self, queue: queue)
  }

  private func cpus(_ policy: Policy, _ knob: Knob, _ queue: Int) -> CPUSet? {
    let value = policy.value(for: knob, by: Policy.Basis(placement: self, queue: queue))
    return if case .cpus(let cpus)? = value { cpus } else { nil }
  }
}
