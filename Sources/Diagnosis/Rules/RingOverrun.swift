import Knobs
import ReceivePath

extension Rule {
  /// The NIC has no descriptor to receive into: rx_missed_errors, rx_fifo_errors, rx_over_errors,
  /// qstats' rx-hw-drops or the driver's own counters grow (networking/statistics.rst; RHEL network
  /// performance guide).
  ///
  /// A larger ring buys time, and only where it is not as large as it gets; where the queue's CPU is
  /// saturated, that is the cause.
  static let ringOverrun = Rule(
    "ring-overrun", "The receive ring is full, and the NIC drops packets", .rate,
    document: "networking/statistics.rst", explains: ["pause"]
  ) { examination in
    examination.busyDevices(otherwise: \.ringNotes) { device in
      let lost = device.ringLosses
      return lost.isEmpty ? device.ringNotes : [.finding(finding(device, lost, examination))]
    }
  }

  /// Of a CPU's time in interrupts and softirqs: it has no more for the ring.
  private static let saturated = 0.9

  private static func finding(
    _ device: DeviceView, _ lost: [RingLoss], _ examination: Examination
  ) -> Finding {
    var evidence = lost.prefix(4).map {
      Evidence($0.name, $0.rate.perSecond, "/s", from: $0.source)
    }
    let ring = device.device.rings.value?["rx"]
    if case .number(let size)? = ring?.value {
      evidence.append(
        Evidence(
          "rings.rx", ring?.maximum.map { "\(size) of \($0)" } ?? "\(size)",
          from: "ethtool rings-get"))
    }
    let cpus = device.queues.reduce(CPUSet()) { $0.union($1.cpus ?? CPUSet()) }
    let busiest = examination.softirqShares(of: cpus).busiest
    if let busiest { evidence.append(busiest.evidence) }
    var fix = Diagnosis.Fix.advice(
      "The ring is as large as the device allows: let more CPUs empty it (rxtune channels, "
        + "rxtune irq).")
    if let maximum = ring?.maximum, case .number(let size)? = ring?.value, size < maximum {
      fix = .run(
        ["rxtune", "rings", device.name, "rx=max"],
        remark: "Most drivers take the link down for a moment.")
    }
    if let busiest, busiest.share >= saturated {
      let remark = "CPU \(busiest.cpu) is saturated: a larger ring only delays the drops."
      fix.remark = fix.commands.isEmpty ? "\(remark) \(fix.remark ?? "")" : remark
    }
    return Finding(
      .loss, at: device.subject, "The NIC drops packets because its receive ring is full.",
      evidence: Array(evidence), consequence: "The packets are lost before the host sees them.",
      fix: fix, .measured)
  }
}

/// A counter that grew of packets for which a NIC had no buffer.
struct RingLoss {
  var name: String
  var rate: Trend.Rate
  var source: String
}

extension DeviceView {
  /// What was lost so before.
  fileprivate var ringNotes: [Diagnosis.Verdict] {
    let missed = trend(of: "rx-missed-errors") { $0.rxMissedErrors }
    let notes = examination.note(missed, "rx-missed-errors", at: subject)
    if !notes.isEmpty { return notes }
    let drops = examination.trend(
      of: "drops", from: earlier.flatMap(Self.queueDrops), to: Self.queueDrops(device))
    return examination.note(drops, "drops of its queues", at: subject)
  }

  /// Of all queues; nil where nobody counts them.
  private static func queueDrops(_ device: DeviceSnapshot) -> UInt64? {
    let drops = device.paths.compactMap { $0.statistics?.drops }
    return drops.isEmpty ? nil : drops.reduce(0, &+)
  }

  /// By rtnetlink; else by queue, else by names of the driver's own. Empty where there are none.
  var ringLosses: [RingLoss] {
    let counters: [(String, (LinkStatistics) -> UInt64?)] = [
      ("rx-missed-errors", { $0.rxMissedErrors }), ("rx-fifo-errors", { $0.rxFIFOErrors }),
      ("rx-over-errors", { $0.rxOverErrors }),
    ]
    let ofLink = counters.compactMap { name, counter in
      trend(of: name, counter).rate.map { RingLoss(name: name, rate: $0, source: "rtnetlink") }
    }
    if !ofLink.isEmpty { return ofLink }
    let ofQueues = queues.compactMap { queue in
      queue.drops.rate.map {
        RingLoss(name: "drops of rx-\(queue.queue)", rate: $0, source: "queue counters")
      }
    }
    if !ofQueues.isEmpty { return ofQueues }
    return device.discards.compactMap { counter in
      let before = earlier?.discards.first { $0.name == counter.name }?.value
      return examination.trend(of: counter.name, from: before, to: counter.value).rate.map {
        RingLoss(name: counter.name, rate: $0, source: "ethtool -S")
      }
    }
  }
}
