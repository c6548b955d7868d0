import Knobs
import ReceivePath

extension Rule {
  /// Generic receive offload is off at a device that runs it, and TCP arrives
  /// (networking/segmentation-offloads.rst).
  ///
  /// Where a program captures packets it is off for a reason; a veth has it off from the start,
  /// because its packets were merged before they came.
  static let groOff = Rule(
    "gro-off", "GRO is off where TCP is received", .state,
    document: "networking/segmentation-offloads.rst"
  ) { examination in
    let segments = examination.now.readings?.counters.value?["TcpInSegs"]
    guard let segments else {
      return [.unchecked(nil, "TcpInSegs (/proc/net/snmp) is not known")]
    }
    guard segments > 0 else { return [] }
    return examination.receivingDevices { device in
      guard device.runsGRO, device.device.link.kind != "veth" else { return [] }
      guard let feature = device.feature("rx-gro") else {
        return [.unchecked(device.subject, "its features are not known")]
      }
      guard !feature.isActive, feature.isChangeable, device.packetsPerSecond != 0 else { return [] }
      guard let captures = examination.captures(on: device) else {
        return [.unchecked(device.subject, "packet sockets are not known: it may be off for one")]
      }
      guard captures.isEmpty else { return [] }
      return [
        .finding(
          Finding(
            .cost, at: device.subject, "GRO is off: TCP segments reach the stack one by one.",
            evidence: [
              Evidence("features.rx-gro", "off", from: "ethtool features-get"),
              Evidence("TcpInSegs", segments, from: "/proc/net/snmp"),
            ],
            consequence:
              "Each segment costs a pass through the protocols, instead of up to 64 KiB.",
            fix: .run(["rxtune", "set", "features.rx-gro=on", device.name]), .configured))
      ]
    }
  }
}
