import Knobs
import ReceivePath

extension Rule {
  /// The CPUs of all receive queues are busy, and the device could have more queues, on cores of its
  /// node that have none (networking/scaling.rst, "RSS Configuration"; ENA Linux Best Practices).
  ///
  /// Queues that share a CPU want to be spread first, and a device whose queues are not all busy
  /// has enough of them.
  static let channelsFew = Rule(
    "channels-few", "The CPUs of all queues are busy, and the device could have more queues", .rate,
    document: "networking/scaling.rst", explains: ["ksoftirqd", "time-squeeze"]
  ) { examination in
    examination.busyDevices { device in
      guard let (kind, count, maximum) = device.receiveChannels else {
        return device.uncheckedChannels
      }
      let cores = examination.coresNear(device)
      guard !cores.isEmpty else {
        return [.unchecked(device.subject, "the host's CPUs are not known")]
      }
      let wanted = min(maximum, Int64(cores.count))
      guard count < wanted else { return [] }
      let queues = device.queues.filter { $0.path.takenBy == nil }
      let sets = queues.compactMap(\.cpus)
      guard sets.count == queues.count, !queues.isEmpty else {
        return [.unchecked(device.subject, "the CPUs of its queues are not known")]
      }
      let cpus = sets.reduce(CPUSet()) { $0.union($1) }
      guard cpus.count >= queues.count else { return [] }
      let shares = examination.softirqShares(of: cpus)
      guard shares.count == cpus.count else {
        return [.unchecked(device.subject, "the time that CPUs spend in softirqs is not known")]
      }
      guard let idlest = shares.min(by: { $0.share < $1.share }), idlest.share >= channelLoadLimit
      else { return [] }
      return [
        .finding(
          Finding(
            .cost, at: device.subject,
            "The CPUs of all receive queues are busy, and other cores have none.",
            evidence: [
              Evidence("channels.\(kind)", count, from: "ethtool channels-get"),
              Evidence("its maximum", maximum, from: "ethtool channels-get"),
              Evidence("cores", cores.count, from: "/sys/devices/system/cpu"),
              idlest.evidence,
            ],
            consequence: "Packets are lost once these CPUs have no time left.",
            fix: .run(
              ["rxtune", "channels", device.name, "\(kind)=\(wanted)"],
              remark: "The link may flap. A table set by hand leaves the new queues out: "
                + "rxtune rss \(device.name) --default."), .measured))
      ]
    }
  }

  /// Of a CPU's time in interrupts and softirqs: with this much on each of them, half as much
  /// traffic again is more than they can do.
  private static let channelLoadLimit = 0.6
}

extension DeviceView {
  /// The channels that receive, how many are in use, and how many there can be; nil where the device
  /// has no choice, or it is not told.
  var receiveChannels: (kind: String, count: Int64, maximum: Int64)? {
    guard let parameters = device.channels.value?.parameters else { return nil }
    for kind in ["combined", "rx"] {
      if let count = parameters.number(kind), count > 0, let maximum = parameters[kind]?.maximum {
        return (kind, count, maximum)
      }
    }
    return nil
  }

  /// None where the driver has no channels to choose.
  var uncheckedChannels: [Diagnosis.Verdict] {
    guard let absence = device.channels.absence, absence.reason != .notSupported else { return [] }
    return [.unchecked(subject, "its channels are \(absence.reason.words)")]
  }
}

extension Examination {
  /// Cores on the device's NUMA node, all where it has none, without those that are isolated.
  func coresNear(_ device: DeviceView) -> [CPUSet] {
    let isolated = surroundings.topology?.isolated.value ?? CPUSet()
    var usable = (surroundings.topology?.online ?? CPUSet()).subtracting(isolated)
    if let number = device.device.numaNode.value ?? nil,
      let node = surroundings.topology?.nodes.value?.first(where: { $0.number == number }),
      !node.cpus.isEmpty
    {
      usable = usable.intersection(node.cpus)
    }
    return surroundings.cores.filter { !$0.intersection(usable).isEmpty }
  }
}
