/// The generic netlink family "ethtool" (linux/ethtool_netlink.h, networking/ethtool-netlink.rst).
package enum EthtoolFamily {
  package static let name = "ethtool"

  /// Commands from user space. Numbers, because Debian's headers lack the later ones.
  package enum Command: UInt8, CustomStringConvertible {
    case linkModesGet = 4
    case featuresGet = 11
    case featuresSet = 12
    case privateFlagsGet = 13
    case privateFlagsSet = 14
    case ringsGet = 15
    case ringsSet = 16
    case channelsGet = 17
    case channelsSet = 18
    case coalesceGet = 19
    case coalesceSet = 20
    case pauseGet = 21
    case pauseSet = 22
    case rssGet = 38
    case rssSet = 48
    case rssCreate = 49
    case rssDelete = 50

    /// As the netlink specs spell it.
    package var description: String {
      switch self {
      case .linkModesGet: "linkmodes-get"
      case .featuresGet: "features-get"
      case .featuresSet: "features-set"
      case .privateFlagsGet: "privflags-get"
      case .privateFlagsSet: "privflags-set"
      case .ringsGet: "rings-get"
      case .ringsSet: "rings-set"
      case .channelsGet: "channels-get"
      case .channelsSet: "channels-set"
      case .coalesceGet: "coalesce-get"
      case .coalesceSet: "coalesce-set"
      case .pauseGet: "pause-get"
      case .pauseSet: "pause-set"
      case .rssGet: "rss-get"
      case .rssSet: "rss-set"
      case .rssCreate: "rss-create-act"
      case .rssDelete: "rss-delete-act"
      }
    }
  }

  /// Those that the family has besides, up to Linux 7.3, and why rxtune leaves them alone.
  package static let unused: [(commands: [UInt8], reason: String)] = [
    ([1], "strset-get: bitsets come with the names of their bits"),
    ([2, 3, 5], "linkinfo, linkmodes-set: port and speed of the link are not tuned here"),
    ([6], "linkstate-get: rtnetlink tells the carrier"),
    ([7, 8], "debug: what the driver logs"),
    ([9, 10], "wol: waking a machine that sleeps"),
    ([23, 24], "eee: power saving of the PHY"),
    ([25, 33, 46, 47], "tsinfo, phc-vclocks, tsconfig: time stamps"),
    ([26, 27, 51], "cable-test, cable-test-tdr, mse: quality of the cable"),
    ([28], "tunnel-info: flows inside of tunnels are not followed"),
    ([29, 30], "fec: error correction on the wire"),
    ([31, 34, 35, 44], "module: the transceiver and its firmware"),
    ([32], "stats-get: counters of the MAC; rtnetlink tells what the host loses"),
    ([36, 37, 39, 40, 41, 45], "pse, plca, phy: power over Ethernet, 10BASE-T1S, PHYs"),
    ([42, 43], "mm: frame preemption, of sending"),
  ]

  package static func isKnown(_ operation: UInt8) -> Bool {
    Command(rawValue: operation) != nil || unused.contains { $0.commands.contains(operation) }
  }

  /// What every message begins with.
  package enum MessageKey: UInt16 { case header = 1 }
  package enum HeaderKey: UInt16 {
    case index = 1
    case name = 2
    case flags = 3
  }
  /// ETHTOOL_FLAG_STATS: counters, too, in the reply.
  package static let statisticsFlag: UInt32 = 4

  /// The name of a message that the kernel announces a change with (ETHTOOL_MSG_…_NTF).
  package static func notification(_ command: UInt8) -> String {
    notifications[command].map { $0 + "-ntf" } ?? "ethtool-\(command)"
  }

  private static let notifications: [UInt8: String] = [
    3: "linkinfo", 5: "linkmodes", 8: "debug", 10: "wol", 13: "features", 15: "privflags",
    17: "rings", 19: "channels", 21: "coalesce", 23: "pause", 25: "eee", 27: "cable-test",
    28: "cable-test-tdr", 31: "fec", 36: "module", 41: "plca", 43: "mm", 44: "module-fw-flash",
    46: "phy", 49: "pse", 50: "rss", 52: "rss-create", 53: "rss-delete",
  ]
}
