import Knobs

/// What drivers do otherwise than their devices' tables say, or besides.
extension FlowPrediction.Inputs {
  /// Why the hash cannot be had from what is told.
  func deviation(_ rss: RSS) -> UnknownReason? {
    if arrival?.isBelowMacvlan == true, isOn("l2-fwd-offload") == true {
      return "l2-fwd-offload is on: the NIC has queues for the macvlan alone"
    }
    return switch driver {
    case "ena":
      "ena reverses the key and starts from another value on some devices (amzn-drivers#169)"
    case "virtio_net" where isOn("rx-hashing") == false:
      """
      virtio_net does not give the device its table while rx-hashing is off: the flow goes where \
      the hypervisor likes (ethtool -K DEV rxhash on)
      """
    // The kernel leaves out a transform of none, so a driver that tells none and one that does not
    // tell it look the same (net/ethtool/rss.c).
    case "mlx5_core" where rss.hashFunction == .toeplitz && rss.inputTransform.isEmpty:
      """
      no input transform is reported: mlx5_core hashes symmetrically all the same, and reports it only \
      since Linux 6.15
      """
    default: nil
    }
  }

  /// Whether the driver has private flags that `caveat` goes by.
  package static func usesPrivateFlags(_ driver: String?) -> Bool {
    driver.map { DriverInfo.isKind("i40e", $0) } ?? false
  }

  func hashKey(_ rss: RSS) -> FlowPrediction.Step<[UInt8]> {
    if !rss.key.isEmpty { return .success(rss.key) }
    // igb fills its key from the kernel's and shows it only since 6.14.
    if driver == "igb", systemKey.contains(where: { $0 != 0 }) {
      return .success(systemKey)
    }
    return .failure("the device does not report its hash key")
  }

  /// Why a flow that the hash brought to `path` may be moved, once the host answers it or an
  /// application reads it.
  func caveat(_ flow: Flow, _ path: QueuePath) -> UnknownReason? {
    // set_rps_cpu in net/core/dev.c; whether the driver has ndo_rx_flow_steer, it does not tell.
    if isOn("rx-ntuple-filter") == true, path.rpsFlowCount.value ?? 0 > 0,
      rpsSockFlowEntries.value ?? 0 > 0
    {
      return """
        RFS and rx-ntuple-filter are on: a driver with accelerated RFS brings later packets to the \
        queue of the CPU where the application receives
        """
    }
    guard flow.transport == .tcp else { return nil }
    switch driver.flatMap({ driver in Self.movers.first { DriverInfo.isKind($0, driver) } }) {
    // i40e_atr; on by default.
    case "i40e" where privateFlags?["flow-director-atr"] != false:
      return """
        i40e brings later packets of a TCP connection to the queue that it is answered from \
        (private flag flow-director-atr)
        """
    // ixgbe_atr; ixgbe_set_features turns it off where filters are wanted.
    case "ixgbe" where isOn("rx-ntuple-filter") != true && isOn("hw-tc-offload") != true:
      return """
        ixgbe brings later packets of a TCP connection to the queue that it is answered from \
        (ATR, while rx-ntuple-filter is off)
        """
    default: return nil
    }
  }

  private static let movers = ["i40e", "ixgbe"]

  /// Whether the kernel takes the driver's hash of addresses and ports as it is (PKT_HASH_TYPE_L4 to
  /// skb_set_hash). Others than these, igb, igc and e1000e among them, call it one of addresses, and
  /// skb_get_hash makes one of its own.
  var hashesForTheKernel: Bool {
    driver.map { driver in Self.hashers.contains { DriverInfo.isKind($0, driver) } } ?? false
  }

  private static let hashers = [
    "bnxt_en", "ena", "gve", "i40e", "iavf", "ice", "ixgbe", "ixgbevf", "mlx5_core", "virtio_net",
  ]
}
