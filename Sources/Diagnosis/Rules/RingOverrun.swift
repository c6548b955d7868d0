import Knobs
import ReceivePath

extension Rule {
  /// The NIC has no descriptor to receive into: rx_missed_errors, rx_fifo_errors, rx_over_errors or
  /// qstats' rx-hw-drops grow (networking/statistics.rst; RHEL network performance guide).
  ///
  /// A larger ring buys time, and only where it is not as large as it gets; where the queue's CPU is
  /// saturated, that is the cause.
  static let ringOverrun = Rule(
    "ring-overrun", "The receive ring is full, and the NIC drops packets", .rate,
    document: "networking/statistics.rst", explains: ["pause"]
  ) { examination in
    examination.busyDevices { device in
      let counters: [(String, (LinkStatistics) -> UInt64?)] = [
        ("rx-missed-errors", { $0.rxMissedErrors }), ("rx-fifo-errors", { $0.rxFIFOErrors }),
        ("rx-over-errors", { $0.rxOverErrors }),
      ]
      var lost: [(name: String, rate: Trend.Rate, source: String)] = []
      for (name, counter) in counters {
        if let rate = device.trend(of: name, counter).rate {
          lost.append((name, rate, "rtnetlink"))
        }
      }
      if lost.isEmpty {
        for queue in device.queues {
          if let rate = queue.drops.rate {
            lost.append(("rx-hw-drops of rx-\(queue.queue)", rate, "netdev qstats-get"))
          }
        }
      }
      guard !lost.isEmpty else {
        return examination.note(
          device.trend(of: "rx-missed-errors") { $0.rxMissedErrors }, "rx-missed-errors",
          at: device.subject)
      }
      return [.finding(finding(device, lost, examination))]
    }
  }

  /// Of a CPU's time in interrupts and softirqs: it has no more for the ring.
  private static let saturated = 0.9

  private static func finding(
    _ device: DeviceView, _ lost: [(name: String, rate: Trend.Rate, source: String)],
    _ examination: Examination
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
