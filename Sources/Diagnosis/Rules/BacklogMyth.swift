import Knobs
import ReceivePath

extension Rule {
  /// net.core.netdev_max_backlog was raised, and no packet waits in a CPU's backlog: that is for RPS
  /// and for devices without NAPI (networking/scaling.rst; net/core/dev.c, enqueue_to_backlog).
  ///
  /// veth, tunnels and USB devices use it, and other network namespaces may; what was ever dropped
  /// there, or moved by RPS, is a reason to raise it. It harms nobody: a note, never a finding.
  static let backlogMyth = Rule(
    "backlog-myth", "A raised netdev_max_backlog has no effect: no packets wait there", .state,
    document: "networking/scaling.rst", reads: [.netdevMaxBacklog]
  ) { examination in
    guard let limit = examination.settings.number(.netdevMaxBacklog) else {
      return [.unchecked(nil, "net.core.netdev_max_backlog is not known")]
    }
    guard limit > defaultBacklog else { return [] }
    let links = examination.now.links
    guard links.contains(where: { $0.flags.contains(.loopback) }) else {
      return [.unchecked(nil, "devices that use the backlog may not be among those examined")]
    }
    guard let softnet = examination.now.softnet.value else {
      return [.unchecked(nil, "/proc/net/softnet_stat is not known")]
    }
    let paths = examination.now.devices.flatMap(\.paths)
    guard paths.allSatisfy({ $0.rpsCPUs.value != nil || isWithoutRPS($0) }) else {
      return [.unchecked(nil, "the RPS CPUs of a queue are not known")]
    }
    guard !links.contains(where: usesBacklog),
      paths.allSatisfy({ $0.rpsCPUs.value?.isEmpty ?? true }),
      softnet.rows.allSatisfy({ $0.dropped == 0 && $0.receivedRPS == 0 })
    else { return [] }
    return [
      .note(
        Note(
          at: .host,
          "net.core.netdev_max_backlog is \(limit), and has no effect: packets that NAPI polls from a "
            + "ring do not wait there. Against packets that the ring misses, use rxtune rings.",
          evidence: [
            examination.settings.evidence(.netdevMaxBacklog),
            Evidence("received_rps", 0, from: "/proc/net/softnet_stat"),
            Evidence("dropped", 0, from: "/proc/net/softnet_stat"),
          ].compactMap { $0 }))
    ]
  }

  /// net/core/hotdata.c, max_backlog.
  static let defaultBacklog: Int64 = 1000

  private static func isWithoutRPS(_ path: QueuePath) -> Bool {
    path.rpsCPUs.absence?.reason == .notSupported
  }

  /// All but NICs, loopback, and devices that pass on what others received (vlan_dev.c, bond_main.c
  /// and br_input.c call for no backlog). Before 5.14 a NIC's bus is not told.
  private static func usesBacklog(_ link: Link) -> Bool {
    if link.flags.contains(.loopback) || link.parentBus != nil && link.parentBus != "usb" {
      return false
    }
    guard let kind = link.kind else { return link.parentBus == "usb" }
    return !["vlan", "bond", "bridge", "team", "dummy", "vrf"].contains(kind)
  }
}
