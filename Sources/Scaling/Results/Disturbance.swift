import ReceivePath

/// What somebody else took of the time that a run was to have.
package struct Disturbance: Hashable, Sendable {
  package var taker: Taker
  /// Of all CPUs' time.
  package var share: Double

  package enum Taker: String, Hashable, Sendable {
    case hypervisor, otherPrograms, quota
  }

  package init(_ taker: Taker, _ share: Double) {
    self.taker = taker
    self.share = share
  }

  /// Whoever took most; nil where nobody took anything.
  package static func most(of disturbances: [Disturbance]) -> Disturbance? {
    disturbances.filter { $0.share > 0 }.max { $0.share < $1.share }
  }
}

extension RunRecord {
  package var disturbance: Disturbance? {
    Disturbance.most(
      of: server.host.disturbances
        + [Disturbance(.otherPrograms, derived.otherUserShare ?? 0)])
  }

  /// Those warnings that say that a figure is not the state's alone.
  package var doubts: [Warning.Code] {
    let codes: [Warning.Code] = [
      .steal, .otherLoad, .cpuQuota, .frequencyChanged, .thermalThrottling,
    ]
    return codes.filter { code in warnings.contains { $0.code == code } }
  }
}

extension HostUse {
  /// Those that are told without knowing which programs are at work.
  package var disturbances: [Disturbance] {
    let waited = (throttling ?? []).map { Double($0.microseconds) / 1e6 }.max() ?? 0
    let all = seconds * Double(max(1, processors.count))
    // Counted in hundredths of a second, of which each CPU's first may be of the time before: all that
    // was taken of a run of two.
    let times = processors.values.reduce(ProcessorTimes(), +)
    let stolen = Double(times.steal) - Double(processors.count)
    return [
      Disturbance(.hypervisor, times.total > 0 ? max(0, stolen) / Double(times.total) : 0),
      Disturbance(.quota, all > 0 ? min(1, waited / all) : 0),
    ]
  }
}
