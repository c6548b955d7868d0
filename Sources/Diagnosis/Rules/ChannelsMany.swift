import Knobs
import ReceivePath

extension Rule {
  /// More receive queues than CPUs that are online, as after CPUs went offline: "the smallest number
  /// of receive queues where no receive queue overflows" is best (networking/scaling.rst).
  ///
  /// Queues for AF_XDP and the like do not count, nor do devices that have no choice.
  static let channelsMany = Rule(
    "channels-many", "A device has more receive queues than there are CPUs", .state,
    document: "networking/scaling.rst"
  ) { examination in
    examination.physicalDevices { device in
      guard let (kind, count, maximum) = device.receiveChannels, maximum > 1 else {
        return device.uncheckedChannels
      }
      guard let online = examination.surroundings.topology?.online, !online.isEmpty else {
        return [.unchecked(device.subject, "the host's CPUs are not known")]
      }
      let taken = device.device.paths.filter { $0.takenBy != nil }.count
      let own = device.device.paths.count - taken
      guard own > online.count else { return [] }
      return [
        .finding(
          Finding(
            .risk, at: device.subject,
            "\(own) receive queues share \(online.count) CPU\(online.count == 1 ? "" : "s").",
            evidence: [
              Evidence("channels.\(kind)", count, from: "ethtool channels-get"),
              Evidence("CPUs online", online.list, from: "/sys/devices/system/cpu/online"),
            ],
            consequence: "More interrupts and smaller batches for the same packets.",
            fix: .run(
              ["rxtune", "channels", device.name, "\(kind)=\(online.count + taken)"],
              remark: "The link may flap. The kernel refuses fewer channels than a table set by "
                + "hand or a flow rule uses."), .configured))
      ]
    }
  }
}
