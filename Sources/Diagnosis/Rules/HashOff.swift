import Knobs
import ReceivePath

extension Rule {
  /// virtio_net whose receive hashing was on and is off: the table is shown as before, and all packets
  /// arrive at the first queue (seen in Linux 6.1, 6.12 and 7.3; virtio_net.c,
  /// virtnet_set_features).
  ///
  /// It is off from the start, too, and packets spread: only where they do not is it a fault, and one
  /// busy flow looks alike. Where the device does not offer it, there is nothing to turn on.
  static let hashOff = Rule(
    "hash-off", "All packets arrive at the first queue, because receive hashing is off", .rate,
    document: "drivers/net/virtio_net.c", explains: ["one-queue", "queue-imbalance"]
  ) { examination in
    examination.busyDevices { device in
      guard device.device.paths.count > 1,
        device.device.driver.value?.driver == "virtio_net"
      else { return [] }
      if let absence = device.device.offloads.absence {
        return [.unchecked(device.subject, "its features are \(absence.reason.words)")]
      }
      guard let hashing = device.feature("rx-hashing"), !hashing.isActive, hashing.isChangeable,
        let table = device.device.rss.value?.table, Set(table).count > 1
      else { return [] }
      let rates = device.queues.map(\.packets.perSecond)
      guard let first = rates.first ?? nil, rates.allSatisfy({ $0 != nil }) else {
        return [.unchecked(device.subject, "the packets of its queues are not known")]
      }
      let all = rates.reduce(0) { $0 + ($1 ?? 0) }
      guard all >= Examination.fewestPackets, first / all >= firstShare else { return [] }
      return [
        .finding(
          Finding(
            .cost, at: device.subject,
            "Receive hashing is off, and all packets arrive at rx-0, whatever the RSS table says.",
            evidence: [
              Evidence("features.rx-hashing", "off", from: "ethtool features-get"),
              Evidence("packets of rx-0", first, "/s", from: "netdev qstats-get"),
              Evidence("packets of all queues", all, "/s", from: "netdev qstats-get"),
            ],
            consequence: "One CPU receives everything.",
            fix: .run(
              ["rxtune", "set", "features.rx-hashing=on", device.name],
              remark: "If it changes nothing, all packets are of one flow."), .guessed))
      ]
    }
  }

  /// The rest are stragglers: ARP, and what the device cannot hash.
  private static let firstShare = 0.95
}
