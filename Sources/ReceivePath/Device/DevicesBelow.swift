/// The devices that bring a device its packets, where it has no receive queues of its own to choose
/// by: that of a VLAN, the ports of a bond or a bridge, the virtual function of a Hyper-V network.
package struct DevicesBelow: Hashable, Sendable {
  package enum Relation: String, Sendable, Hashable, CaseIterable {
    /// The same packets, perhaps less a VLAN tag (VLAN, macvlan, ipvlan).
    case lower
    /// The same packets behind a switch's tag (a DSA port's conduit).
    case conduit
    /// Other packets, that these are inside of (tunnels, MACsec).
    case carrier
    /// One of several (bond, bridge, team, VRF).
    case ports
    /// The device's other half, which packets come by while it is up (hv_netvsc's VF).
    case function
  }

  package var relation: Relation
  /// By ifindex; empty where none is told.
  package var links: [Link]
  /// Why there are none, or that they are not all.
  package var note: String?

  package init(_ relation: Relation, _ links: [Link], note: String? = nil) {
    self.relation = relation
    self.links = links
    self.note = note
  }

  package var names: [String] { links.map(\.name) }
}

extension DevicesBelow {
  /// rtnetlink's kinds (`rtnl_link_ops.kind`) whose packets were received by another device before.
  private static let relations: [(relation: Relation, kinds: [String])] = [
    (.lower, ["vlan", "macvlan", "macvtap", "ipvlan", "ipvtap", "virt_wifi"]),
    (.conduit, ["dsa"]),
    (.ports, ["bond", "bridge", "team", "vrf", "openvswitch", "batadv", "hsr"]),
    (
      .carrier,
      [
        "amt", "bareudp", "erspan", "geneve", "gre", "gretap", "gtp", "ip6erspan", "ip6gre",
        "ip6gretap", "ip6tnl", "ipip", "lowpan", "macsec", "pfcp", "ppp", "rmnet", "sit", "vti",
        "vti6", "vxlan", "wireguard", "xfrm",
      ]
    ),
  ]

  /// Kinds with queues of their own: IFLA_LINK, where they have it, is a peer or a parent.
  private static let ownQueues = [
    "dummy", "ifb", "ipoib", "netdevsim", "netkit", "nlmon", "tun", "veth", "vcan", "vxcan", "wwan",
  ]

  fileprivate static func relation(_ link: Link) -> Relation? {
    guard let kind = link.kind else {
      // DSA's ports have a kind since 6.1 only.
      return link.refersToLower ? .conduit : nil
    }
    if let known = relations.first(where: { $0.kinds.contains(kind) }) { return known.relation }
    return ownQueues.contains(kind) || !link.refersToLower ? nil : .carrier
  }
}

extension Link {
  /// IFLA_LINK of a tunnel that is bound to no device is 0.
  fileprivate var refersToLower: Bool {
    guard let lower, lower > 0 else { return false }
    return lower != index || lowerNamespace != nil
  }
}

extension Host {
  /// What is below `link`, among all devices of its namespace; nil where its packets arrive at
  /// itself.
  package func devicesBelow(_ link: Link, _ links: [Link]) -> DevicesBelow? {
    let ports = links.filter { $0.master == link.index && $0.index != link.index }
    let relation = DevicesBelow.relation(link)
    if !ports.isEmpty {
      // A NIC with ports is one that a faster one stands in for; net_failover has no device.
      guard link.kind == nil, relation == nil, isPhysical(link) else {
        return DevicesBelow(.ports, ports)
      }
      return DevicesBelow(.function, ports)
    }
    guard let relation else { return nil }
    if relation == .ports {
      // Its other bridges do not tell which of the ports are theirs.
      let note =
        link.kind == "openvswitch"
        ? "Open vSwitch decides by which port packets of \(link.name) come"
        : "\(link.name) has no ports here"
      return DevicesBelow(.ports, [], note: note)
    }
    if link.lowerNamespace != nil {
      return DevicesBelow(
        relation, [], note: "the device below \(link.name) is in another network namespace")
    }
    if let lower = links.first(where: { $0.index == link.lower }) {
      return DevicesBelow(relation, [lower])
    }
    let note =
      link.refersToLower
      ? "the device below \(link.name) (ifindex \(link.lower ?? 0)) is unknown"
      : "\(link.name) is bound to no device: the route of its outer packets decides"
    return DevicesBelow(relation, [], note: note)
  }
}
