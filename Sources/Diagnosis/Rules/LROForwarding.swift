import Knobs
import ReceivePath

extension Rule {
  /// LRO is on at a device whose packets are forwarded or bridged: what it merges cannot be sent on as
  /// it came (ixgbe's and bnx2x's README; moby#32023).
  ///
  /// The kernel turns LRO off when forwarding is enabled and when a device joins a bridge, but lets it
  /// be turned on again afterwards.
  static let lroForwarding = Rule(
    "lro-forwarding", "LRO is on where packets are forwarded or bridged", .state,
    document: "networking/device_drivers/ethernet/intel/ixgbe.rst"
  ) { examination in
    examination.physicalDevices { device in
      guard let feature = device.feature("rx-lro") else {
        return device.device.offloads.value == nil
          ? [.unchecked(device.subject, "its features are not known")] : []
      }
      guard feature.isActive else { return [] }
      let isPort = device.device.link.portKind == "bridge"
      let forwarding = examination.now.readings?.forwarding
      if !isPort, forwarding?.value == nil {
        let reason = forwarding?.absence?.reason.words ?? "not known"
        return [.unchecked(device.subject, "whether packets are forwarded is \(reason)")]
      }
      guard isPort || forwarding?.value?.isOn == true else { return [] }
      return [
        .finding(
          Finding(
            .risk, at: device.subject,
            "LRO is on, and packets are \(isPort ? "bridged" : "forwarded").",
            evidence: [
              Evidence("features.rx-lro", "on", from: "ethtool features-get"),
              isPort
                ? Evidence("port of", "a bridge", from: "rtnetlink")
                : Evidence("net.ipv4.ip_forward", "on", from: "/proc/sys/net"),
            ],
            consequence: "Merged packets are too long to be sent on: they are dropped, or slow.",
            fix: feature.isChangeable
              ? .run(["rxtune", "set", "features.rx-lro=off", device.name])
              : .advice("The driver cannot turn LRO off."), .configured))
      ]
    }
  }
}
