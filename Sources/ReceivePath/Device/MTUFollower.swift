package import KernelIO
import Netlink

/// A device whose MTU moves with that of another: one that stands on it, a port of it, or the
/// bridge that it is a port of.
package struct MTUFollower: Hashable, Sendable {
  package var name: String
  /// "macvlan", "vlan"; of a port, its own kind.
  package var kind: String?
  /// The device that it follows.
  package var leader: String
  package var relation: Relation
  package var mtu: UInt32
  /// The MTU that it is going to have.
  package var next: UInt32
  /// The network namespace that it is in, by the id that this one knows it by; nil for this one.
  package var namespace: Int32?

  package enum Relation: Sendable, Hashable {
    case above, port
    /// It follows down and up again by itself, unless its MTU was set.
    case bridge
  }
}

extension MTUFollower {
  /// What a device of that kind makes of the MTU of the one below it.
  fileprivate static func next(_ link: Link, below mtu: UInt32) -> UInt32? {
    switch link.kind {
    // vlan_device_event, macvlan_device_event, macsec_notify: down, and never up.
    case "vlan", "macvlan", "macvtap", "macsec": min(link.mtu, mtu)
    // ipvlan_adjust_mtu
    case "ipvlan", "ipvtap": mtu
    default: nil
    }
  }
}

extension Host {
  /// The devices that move when `device` gets another MTU, the nearest first; with those that stand
  /// on them, and so on.
  ///
  /// Of other network namespaces, those that this one has an id of (ip netns list-id) are looked at.
  package func mtuFollowers(
    of device: String, mtu: UInt32
  ) throws(KernelError) -> [MTUFollower] {
    let links = try links()
    guard let first = links.first(where: { $0.name == device }) else {
      throw KernelError("find", device, .noDevice)
    }
    var followers: [MTUFollower] = []
    var due: [(link: Link, mtu: UInt32)] = [(first, mtu)]
    var seen: Set<Int32> = [first.index]
    func follow(
      _ link: Link, _ leader: Link, _ relation: MTUFollower.Relation, _ next: UInt32
    ) {
      guard next != link.mtu, seen.insert(link.index).inserted else { return }
      followers.append(
        MTUFollower(
          name: link.name, kind: link.kind, leader: leader.name, relation: relation, mtu: link.mtu,
          next: next))
      due.append((link, next))
    }
    while !due.isEmpty {
      let (leader, mtu) = due.removeFirst()
      for link in links where link.lower == leader.index && link.lowerNamespace == nil {
        guard let next = MTUFollower.next(link, below: mtu) else { continue }
        follow(link, leader, .above, next)
      }
      // bond_change_mtu, team_change_mtu
      if leader.kind == "bond" || leader.kind == "team" {
        for port in links where port.master == leader.index { follow(port, leader, .port, mtu) }
      }
      // br_mtu_auto_adjust: the least of all ports'.
      if let bridge = links.first(where: { $0.index == leader.master && $0.kind == "bridge" }) {
        let others = links.filter { $0.master == bridge.index && $0.index != leader.index }
        follow(bridge, leader, .bridge, others.map(\.mtu).reduce(mtu, min))
      }
      followers += abroad(leader, mtu)
    }
    return followers
  }

  /// Those that stand on a device and are in another network namespace (a container's macvlan).
  private func abroad(_ leader: Link, _ mtu: UInt32) -> [MTUFollower] {
    var followers: [MTUFollower] = []
    for namespace in (try? namespaceIDs()) ?? [] {
      // The kernel tells where a lower device is by the ids of this namespace, and has one of this
      // namespace itself once it had to tell it.
      guard let links = try? links(inNamespace: namespace), let home = try? ownNamespaceID(),
        home != namespace
      else { continue }
      for link in links where link.lower == leader.index && link.lowerNamespace == home {
        guard let next = MTUFollower.next(link, below: mtu), next != link.mtu else { continue }
        followers.append(
          MTUFollower(
            name: link.name, kind: link.kind, leader: leader.name, relation: .above, mtu: link.mtu,
            next: next, namespace: namespace))
      }
    }
    return followers
  }
}

// MARK: - Network namespaces

/// linux/net_namespace.h
private enum NamespaceKey: UInt16 {
  case id = 1
  case pid = 2
}

extension Host {
  private static let newNamespaceID: UInt16 = 88
  private static let getNamespaceID: UInt16 = 90
  /// `struct rtgenmsg`, padded.
  private static let generalHeader: [UInt8] = [0, 0, 0, 0]

  /// The ids by which this network namespace knows others (RTM_GETNSID).
  private func namespaceIDs() throws(KernelError) -> [Int32] {
    let request = NetlinkRequest(
      .route, type: Self.getNamespaceID, flags: .dump, payload: Self.generalHeader,
      subject: "namespaces")
    let replies = try kernel.netlink(request)
    return try decoding(request.subject) { () throws(DecodeError) in
      try replies.map { (reply) throws(DecodeError) in try Self.id(reply) }
    }.filter { $0 >= 0 }
  }

  /// The id by which this network namespace knows itself; nil before one was needed.
  private func ownNamespaceID() throws(KernelError) -> Int32? {
    guard let thread = try kernel.readLink(.proc("thread-self")).split(separator: "/").last,
      let id = UInt32(thread)
    else { return nil }
    var writer = AttributeWriter(header: Self.generalHeader)
    writer.put(NamespaceKey.pid.rawValue, id)
    let request = NetlinkRequest(
      .route, type: Self.getNamespaceID, payload: writer.bytes, subject: "namespace of \(id)")
    let reply = try kernel.one(request)
    let own = try decoding(request.subject) { () throws(DecodeError) in try Self.id(reply) }
    return own >= 0 ? own : nil
  }

  private static func id(_ reply: NetlinkMessage) throws(DecodeError) -> Int32 {
    guard reply.type == newNamespaceID else {
      throw DecodeError("namespace", offset: 0, "message type \(reply.type), not RTM_NEWNSID")
    }
    return try reply.attributes(after: generalHeader.count, "namespace")
      .required(NamespaceKey.id).s32()
  }
}
