import Knobs
import ReceivePath

extension Rule {
  /// The latency profile is in force, and CPUs lower their clock (admin-guide/pm/cpufreq.rst) or sleep
  /// deeply (admin-guide/pm/cpuidle.rst) all the same.
  ///
  /// A virtual machine has neither governors nor such states: its host decides. While a program holds
  /// /dev/cpu_dma_latency open with a low limit, no CPU sleeps deeply.
  static let idleStates = Rule(
    "idle-states", "The latency profile is in force, and CPUs save power", .state,
    document: "admin-guide/pm/cpuidle.rst, admin-guide/pm/cpufreq.rst",
    reads: [.cpuScalingGovernor, .cpuIdleDisable, .cpuDMALatency]
  ) { examination in
    guard examination.surroundings.knowsChanges else {
      return [.unchecked(nil, "the changes in force are not known")]
    }
    guard
      let change = examination.surroundings.changes.first(where: { isOfLatencyProfile($0) })
    else { return [] }
    return clock(examination, change) + sleep(examination, change)
  }

  private static func isOfLatencyProfile(_ command: String) -> Bool {
    command.split(separator: " ").prefix(2) == ["apply", "latency"]
  }

  private static func clock(_ examination: Examination, _ change: String) -> [Verdict] {
    var slow: [(cpu: Int, reading: KnobReading)] = []
    for (place, reading) in examination.settings.all(.cpuScalingGovernor) {
      switch reading {
      case .value(let reading):
        guard case .cpu(let cpu) = place.part, reading.value.description != "performance" else {
          continue
        }
        slow.append((cpu, reading))
      case .absent(let absence):
        guard absence.reason == .notSupported else {
          return [.unchecked(nil, "the CPUs' governors are \(absence.reason.words)")]
        }
      }
    }
    guard let first = slow.first else { return [] }
    let cpus = CPUSet(slow.map(\.cpu)).list
    return [
      .finding(
        Finding(
          .cost, at: .host, "The latency profile is in force, and CPUs lower their clock.",
          evidence: [
            Evidence(
              "\(Knob.cpuScalingGovernor.id) of CPUs \(cpus)", first.reading.value.description,
              from: first.reading.origin),
            Evidence("change in force", change, from: "rxtune history"),
          ],
          consequence: "The first packets after a pause wait for the clock to rise.",
          fix: .run(["rxtune", "set", "\(Knob.cpuScalingGovernor.id)=performance"]), .configured))
    ]
  }

  private static func sleep(_ examination: Examination, _ change: String) -> [Verdict] {
    guard let reading = examination.now.readings?.idleLatencies else { return [] }
    guard let latencies = reading.value else {
      let reason = reading.absence?.reason ?? .unreadable
      return reason == .notSupported
        ? [] : [.unchecked(nil, "the CPUs' idle states are \(reason.words)")]
    }
    let deep = latencies.filter { $0.value > deepLatency }
    if let limit = examination.settings.number(.cpuDMALatency), limit <= deepLatency { return [] }
    let disabled = examination.settings.all(.cpuIdleDisable).compactMap { _, reading in
      if case .cpus(let states)? = reading.value?.value { states } else { nil }
    }
    // Off at every CPU.
    let off = disabled.first.map { first in disabled.reduce(first) { $0.intersection($1) } }
    let on = CPUSet(deep.keys).subtracting(off ?? CPUSet())
    guard let deepest = on.cpus.max(by: { deep[$0, default: 0] < deep[$1, default: 0] }) else {
      return []
    }
    return [
      .finding(
        Finding(
          .cost, at: .host, "The latency profile is in force, and CPUs sleep deeply.",
          evidence: [
            Evidence(
              "latency of idle state \(deepest)", deep[deepest, default: 0], "µs",
              from: "/sys/devices/system/cpu/cpu*/cpuidle/state\(deepest)/latency"),
            Evidence("change in force", change, from: "rxtune history"),
          ],
          consequence: "The first packets after a pause wait for a CPU to wake.",
          fix: .run(["rxtune", "set", "\(Knob.cpuIdleDisable.id)=\(CPUSet(deep.keys).list)"]),
          .configured))
    ]
  }

  /// Microseconds. C1 and C1E take 10 and less (drivers/idle/intel_idle.c).
  private static let deepLatency = 20
}
