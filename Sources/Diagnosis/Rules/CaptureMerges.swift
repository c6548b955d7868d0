import Knobs
import ReceivePath

extension Rule {
  /// A program that inspects packets gets those that GRO or LRO has merged: longer than the MTU, with
  /// headers that were never on the wire (Suricata's guide, "Packet capture"; packet(7)).
  ///
  /// DHCP clients and their like open the same sockets and filter them.
  static let captureMerges = Rule(
    "capture-merges", "A program that inspects packets sees them merged by GRO or LRO", .state,
    document: "packet(7); Suricata User Guide, Packet Capture"
  ) { examination in
    if let absence = examination.now.readings?.packetSockets.absence {
      return [.unchecked(nil, "packet sockets are \(absence.reason.words)")]
    }
    return examination.receivingDevices { device in
      guard device.runsGRO else { return [] }
      guard let captures = examination.captures(on: device) else {
        return [.unchecked(device.subject, "packet sockets are not known")]
      }
      guard !captures.isEmpty else { return [] }
      guard device.device.offloads.value != nil else {
        return [.unchecked(device.subject, "its features are not known")]
      }
      let merging = ["rx-gro", "rx-gro-hw", "rx-lro"].filter { device.isOn($0) == true }
      guard !merging.isEmpty else { return [] }
      let changeable = merging.filter { device.feature($0)?.isChangeable == true }
      let evidence =
        merging.map { Evidence("features.\($0)", "on", from: "ethtool features-get") }
        + captures.map { Evidence("packet socket", $0.owner, from: "/proc/net/packet") }
      // Whoever looks at packets for a moment wants the receive path as it is.
      if captures.allSatisfy({ Capturer.glances.contains($0.command) }) {
        return [
          .note(
            Note(
              at: device.subject,
              "\(captures[0].owner) captures packets as GRO or LRO merged them.",
              evidence: evidence))
        ]
      }
      return [
        .finding(
          Finding(
            .risk, at: device.subject,
            "\(captures[0].owner) inspects packets that GRO or LRO has merged.",
            evidence: evidence,
            consequence: "It sees packets longer than the MTU, and misses or misjudges some.",
            fix: changeable.isEmpty
              ? .advice("The driver cannot turn it off.")
              : .run(
                ["rxtune", "set"] + changeable.map { "features.\($0)=off" } + [device.name]),
            .configured))
      ]
    }
  }
}

/// A packet socket that gets every packet of a device, and who holds it.
struct Capturer {
  /// Empty where it is not known.
  var command: String
  /// "suricata (pid 71)", "a program".
  var owner: String

  /// Open such a socket and filter it: configuration, not capture.
  fileprivate static let configurers = [
    "dhclient", "dhcpcd", "dhcpd", "NetworkManager", "systemd-network", "connmand", "lldpd",
    "lldpad", "wpa_supplicant", "hostapd", "arping", "keepalived", "avahi-autoipd", "udhcpc",
  ]
  static let glances = ["tcpdump", "dumpcap", "tshark", "wireshark"]
}

extension Examination {
  /// Programs that get every packet of `device`; nil where that is not known.
  func captures(on device: DeviceView) -> [Capturer]? {
    guard let readings = now.readings, let sockets = readings.packetSockets.value else {
      return nil
    }
    return sockets.compactMap { socket -> Capturer? in
      guard socket.getsAll,
        socket.ifindex.map({ $0 == device.device.link.index }) ?? device.isPhysical
      else { return nil }
      let owner = readings.packetOwners[socket.inode].value
      let command = owner?.command ?? ""
      if Capturer.configurers.contains(where: { command.hasPrefix($0) }) { return nil }
      return Capturer(
        command: command, owner: owner.map { "\($0.command ?? "?") (pid \($0.pid))" } ?? "a program"
      )
    }
  }
}

extension DeviceView {
  /// Whether packets of the device pass GRO under its own flag: a NIC's, a veth's, a tunnel's
  /// (net/core/gro_cells.c).
  var runsGRO: Bool {
    isPhysical || device.link.kind.map { Self.groKinds.contains($0) } ?? false
  }

  private static let groKinds = [
    "veth", "vxlan", "geneve", "gre", "gretap", "ip6gre", "ip6gretap", "ipip", "ip6tnl", "sit",
    "bareudp", "macsec", "wireguard", "erspan", "ip6erspan",
  ]
}
