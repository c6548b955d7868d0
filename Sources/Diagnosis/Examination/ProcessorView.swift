import Knobs
import Live
package import ReceivePath

extension Examination {
  /// From here on the hypervisor takes so much that rates say little of the guest.
  package static let stealLimit = 0.05

  /// How each CPU spent the interval; nil where it is not known.
  package var processorTimes: [Int: ProcessorTimes]? {
    guard interval != nil, let now = now.readings?.processors.value,
      let before = earlier?.readings?.processors.value
    else { return nil }
    return now.reduce(into: [:]) { times, entry in
      if let earlier = before[entry.key] { times[entry.key] = entry.value - earlier }
    }
  }

  /// Share of a CPU's time that went to interrupts and softirqs: 0…1.
  package func softirqShare(ofCPU cpu: Int) -> Double? {
    guard interval != nil, let now = now.readings?.processors.value?[cpu],
      let before = earlier?.readings?.processors.value?[cpu]
    else { return nil }
    let times = now - before
    return times.total > 0 ? Double(times.softirq &+ times.irq) / Double(times.total) : nil
  }

  /// The same of those of `cpus` of which it is known.
  func softirqShares(of cpus: CPUSet) -> [SoftirqShare] {
    cpus.cpus.compactMap { cpu in
      softirqShare(ofCPU: cpu).map { SoftirqShare(cpu: cpu, share: $0) }
    }
  }

  /// By how much a counter of softnet_stat grew a second, on each CPU of which that is known; nil where
  /// the file is not.
  func softnetRates(of counter: (SoftnetStat.Row) -> UInt32) -> [(cpu: Int, rate: Double)]? {
    guard let interval, let now = now.softnet.value, let before = earlier?.softnet.value else {
      return nil
    }
    return now.rows.compactMap { row in
      guard let cpu = row.cpu, let earlier = before[cpu],
        let growth = Growth.of(counter(row), since: counter(earlier))
      else { return nil }
      return (cpu, Double(growth) / interval)
    }
  }

  /// Of all CPUs together.
  package var stealShare: Double? {
    guard let times = processorTimes?.values.reduce(ProcessorTimes(), +), times.total > 0 else {
      return nil
    }
    return Double(times.steal) / Double(times.total)
  }

  /// What to know of all findings.
  package var remarks: [String] {
    guard let share = stealShare, share >= Self.stealLimit else { return [] }
    return [
      "the hypervisor took \(Self.whole(share * 100))% of the CPUs' time: rates are unreliable"
    ]
  }
}

/// How much of a CPU's time went to interrupts and softirqs: 0…1.
struct SoftirqShare {
  var cpu: Int
  var share: Double

  var evidence: Diagnosis.Evidence {
    Diagnosis.Evidence(
      "softirq of CPU \(cpu)", (share * 100).rounded(), "%", from: "/proc/stat")
  }
}

extension Sequence<SoftirqShare> {
  var busiest: SoftirqShare? { self.max { $0.share < $1.share } }
}
