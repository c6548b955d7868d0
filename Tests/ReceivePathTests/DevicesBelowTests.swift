import KernelIO
import Netlink
import TestSupport
import Testing

@testable import ReceivePath

@Suite("Devices below") struct DevicesBelowTests {
  private let host = Host(ScriptedKernel())

  private func link(
    _ index: Int32, _ name: String, kind: String? = nil, lower: Int32? = nil, master: Int32? = nil,
    parent: String? = nil
  ) throws -> Link {
    var link = try Link(decoding: LinkTests.message(name: name, index: index))
    (link.kind, link.lower, link.master, link.parentDevice) = (kind, lower, master, parent)
    return link
  }

  /// Where packets arrive, by name.
  private func places(_ name: String, _ links: [Link]) throws -> [Arrival] {
    host.arrivals(try #require(links.first { $0.name == name }), links).places
  }

  @Test(arguments: [
    ("vlan" as String?, DevicesBelow.Relation.lower), ("macvlan", .lower), ("ipvlan", .lower),
    ("dsa", .conduit), (nil, .conduit), ("gretap", .carrier), ("macsec", .carrier),
    ("a-kind-to-come", .carrier),
  ])
  func theKindTellsTheRelation(_ kind: String?, _ relation: DevicesBelow.Relation) throws {
    let links = [
      try link(2, "eth0", parent: "0000:01:00.0"), try link(3, "up0", kind: kind, lower: 2),
    ]
    let below = try #require(host.devicesBelow(links[1], links))
    #expect(below == DevicesBelow(relation, [links[0]]))
    let place = try #require(try places("up0", links).first)
    #expect(place.link.name == "eth0")
    #expect((place.obstacle == nil) == (relation == .lower))
    #expect(host.devicesBelow(links[0], links) == nil)
  }

  /// IFLA_LINK of these is a peer or a parent, which does not receive for them.
  @Test(arguments: ["veth", "netkit", "tun", "ipoib", "dummy"])
  func someHaveQueuesOfTheirOwn(_ kind: String) throws {
    let links = [try link(2, "eth0"), try link(3, "v0", kind: kind, lower: 2)]
    #expect(host.devicesBelow(links[1], links) == nil)
  }

  @Test func aStackIsFollowedDown() throws {
    let links = [
      try link(2, "eth0", master: 4), try link(3, "eth1", master: 4),
      try link(4, "bond0", kind: "bond", master: 6), try link(5, "bond0.7", kind: "vlan", lower: 4),
      try link(6, "br0", kind: "bridge"), try link(7, "mv0", kind: "macvlan", lower: 5),
    ]
    #expect(try places("mv0", links).map(\.link.name) == ["eth0", "eth1"])
    #expect(try places("mv0", links).allSatisfy { $0.isBelowMacvlan && $0.obstacle == nil })
    #expect(try places("br0", links).map(\.link.name) == ["eth0", "eth1"])
    #expect(try places("eth1", links).map(\.link.name) == ["eth1"])
  }

  /// The others of an active-backup bond drop what they receive.
  @Test func anActiveBackupBondReceivesByOnePort() throws {
    let bond = try Link(
      decoding: LinkTests.message(name: "bond0", index: 4, kind: "bond") {
        $0.put(1, UInt8(1))
        $0.put(2, UInt32(3))
      })
    let links = [try link(2, "eth0", master: 4), try link(3, "eth1", master: 4), bond]
    #expect(try places("bond0", links).map(\.link.name) == ["eth1"])
    let spreading = try Link(
      decoding: LinkTests.message(name: "bond0", index: 4, kind: "bond") {
        $0.put(1, UInt8(4))
        $0.put(2, UInt32(3))
      })
    #expect(spreading.activePort == nil)
  }

  /// hv_netvsc receives by itself while its VF is down; net_failover has no device of its own.
  @Test func aFunctionReceivesInPlaceOfItsDevice() throws {
    var links = [
      try link(2, "eth0", parent: "f8615163-0000"), try link(3, "vf0", master: 2, parent: "0001:0"),
    ]
    #expect(host.devicesBelow(links[0], links)?.relation == .function)
    let up = try places("eth0", links)
    #expect(up.map(\.link.name) == ["vf0"])
    #expect(up[0].caveat?.description.hasPrefix("while vf0 is away") == true)
    links[1].flags.remove(.up)
    let down = try places("eth0", links)
    #expect(down.map(\.link.name) == ["eth0"])
    #expect(down[0].caveat?.description.hasPrefix("once vf0 is up") == true)
    links[0].parentDevice = nil
    #expect(host.devicesBelow(links[0], links)?.relation == .ports)
  }

  @Test func whatCannotBeNamedSaysWhy() throws {
    var away = try link(3, "mv0", kind: "macvlan", lower: 2)
    away.lowerNamespace = 0
    let links = [
      away, try link(4, "br0", kind: "bridge"), try link(5, "gre1", kind: "gre", lower: 0),
      try link(6, "vlan9", kind: "vlan", lower: 77),
    ]
    for (name, words) in [
      ("mv0", "in another network namespace"), ("br0", "br0 has no ports here"),
      ("gre1", "the route of its outer packets"), ("vlan9", "(ifindex 77) is unknown"),
    ] {
      let link = try #require(links.first { $0.name == name })
      let arrivals = host.arrivals(link, links)
      #expect(arrivals.places.isEmpty)
      #expect(arrivals.reason.description.contains(words), "\(arrivals.reason)")
    }
  }

  /// No kernel has such rings; a damaged record may.
  @Test func aRingEnds() throws {
    let links = [
      try link(2, "a", kind: "vlan", lower: 3), try link(3, "b", kind: "vlan", lower: 2),
      try link(4, "c", kind: "bond", master: 5), try link(5, "d", kind: "bridge", master: 4),
    ]
    for link in links {
      let arrivals = host.arrivals(link, links)
      #expect(arrivals.places.isEmpty && arrivals.reason.description.contains("unknown"))
    }
  }

  @Test(.enabled(if: NetworkNamespace.isAvailable, "needs root, for a network namespace"))
  func theKernelsOwnDevices() throws {
    try NetworkNamespace.run { namespace in
      try namespace.shell(
        """
        ip link add v0 type veth peer name v1 && ip link add v2 type veth peer name v3
        ip link add br0 type bridge && ip link set v0 master br0 && ip link set v2 master br0
        ip link add link br0 name mv0 type macvlan && ip link add link v1 name mv1 type macvtap
        ip link add vx0 type vxlan id 3 dev v1 dstport 4789
        ip link add vx1 type vxlan id 4 dstport 4789 remote 10.0.0.1
        """)
      let host = Host(LiveKernel())
      let links = try host.links()
      func names(_ name: String) throws -> [String] {
        host.arrivals(try #require(links.first { $0.name == name }), links).places.map(\.link.name)
      }
      #expect(try names("br0") == ["v0", "v2"] && names("mv0") == ["v0", "v2"])
      #expect(try names("mv1") == ["v1"] && names("vx0") == ["v1"] && names("vx1") == [])
      #expect(try names("v0") == ["v0"] && names("lo") == ["lo"])
    }
  }
}
