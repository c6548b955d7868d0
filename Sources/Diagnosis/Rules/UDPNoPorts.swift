import Knobs
import ReceivePath

extension Rule {
  /// UDP packets are hashed by addresses alone, and pile up in a queue (networking/scaling.rst;
  /// ethtool(8), rx-flow-hash; firedancer#8337).
  ///
  /// Few senders, such as proxies and other nodes of a cluster, then share few queues. With ports,
  /// fragments of one packet may be hashed apart and arrive out of order.
  static let udpNoPorts = Rule(
    "udp-no-ports", "UDP is hashed without ports, and queues get uneven shares", .rate,
    document: "networking/scaling.rst, ethtool(8)",
    explains: ["queue-imbalance", "time-squeeze", "ksoftirqd"]
  ) { examination in
    examination.busyDevices { device in
      guard device.device.paths.count > 1 else { return [] }
      let fields = device.device.rss.value?.fields
      let types = [FlowType.udp4, .udp6].filter { type in
        fields?[type].map { $0.contains(.source) && $0.isDisjoint(with: .ports) } ?? false
      }
      guard !types.isEmpty else { return [] }
      let received = ["UdpInDatagrams", "Udp6InDatagrams"].compactMap {
        examination.trend(ofCounter: $0).perSecond
      }
      guard !received.isEmpty else {
        return [.unchecked(device.subject, "the UDP packets a second are not known")]
      }
      let rate = received.reduce(0, +)
      guard rate >= busyUDP else { return [] }
      guard let imbalance = imbalance(device) else {
        return [.unchecked(device.subject, "packets are not counted by queue")]
      }
      guard let found = imbalance else { return [] }
      let wanted = types.map { "\($0.name):sdfn" }.joined(separator: ",")
      return [
        .finding(
          Finding(
            .cost, at: device.subject,
            "UDP is hashed by addresses alone, and rx-\(found.queue.queue) gets "
              + "\(percent(found.rate / found.total)) of the packets.",
            evidence: types.map {
              Evidence(
                "flow-hash \($0.name)", fields?[$0]?.description ?? "", from: "ethtool rss-get")
            } + [
              Evidence("UDP packets", rate, "/s", from: "/proc/net/snmp"),
              Evidence(
                "packets of rx-\(found.queue.queue)", found.rate, "/s", from: "queue counters"),
            ],
            consequence: "All packets between two hosts share one queue and its CPU.",
            fix: .run(
              ["rxtune", "rss", device.name, "--fields", wanted],
              remark: "Fragments of a packet may then arrive out of order. Some drivers (ena, "
                + "igb's 82576) refuse."), .measured))
      ]
    }
  }

  /// UDP packets a second from which one queue more or less matters.
  private static let busyUDP = 10_000.0
}
