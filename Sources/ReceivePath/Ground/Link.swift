package import KernelIO
package import Netlink
import Notation

/// A network device as rtnetlink tells it (RTM_NEWLINK; linux/if_link.h, specs/rt-link.yaml).
///
/// Netlink follows the network namespace of the process; /sys/class/net follows its mount.
package struct Link: Hashable, Sendable {
  package var index: Int32
  package var name: String
  package var alternativeNames: [String]
  /// "veth", "tun", "bond"; nil for devices that no `ip link add` makes, as NICs.
  package var kind: String?
  package var flags: Flags
  package var operState: OperState?
  package var carrier: Bool?
  package var carrierChanges: UInt32?
  package var mtu: UInt32
  package var minMTU: UInt32?
  /// nil where the device states no maximum.
  package var maxMTU: UInt32?
  package var address: [UInt8]
  /// As the device came with it; nil where it has none (virtual devices), and before 5.6.
  package var permanentAddress: [UInt8]?
  package var rxQueues: UInt32?
  package var txQueues: UInt32?
  /// ifindex of the bridge, bond or VRF above.
  package var master: Int32?
  /// What the device above is, where it is a port: "bridge", "bond" (IFLA_INFO_SLAVE_KIND).
  package var portKind: String?
  /// ifindex of the device below (VLAN, macvlan), or of the peer (veth).
  package var lower: Int32?
  /// The lower device is in another namespace, where `lower` counts.
  package var lowerNamespace: Int32?
  /// ifindex of the one port that an active-backup bond receives by.
  package var activePort: Int32?
  package var txQueueLength: UInt32?
  package var groMaxSize: UInt32?
  package var groIPv4MaxSize: UInt32?
  package var xdp: XDP?
  package var statistics: LinkStatistics?
  /// "pci" and "0000:00:03.0", "virtio" and "virtio2"; nil for virtual devices, and before 5.14.
  package var parentBus: String?
  package var parentDevice: String?

  package struct Flags: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    package static let up = Flags(rawValue: 0x1)
    package static let loopback = Flags(rawValue: 0x8)
  }

  /// RFC 2863, networking/operstates.rst.
  package enum OperState: UInt8, Sendable, Hashable, CaseIterable {
    case unknown, notPresent, down, lowerLayerDown, testing, dormant, up

    /// As /sys/class/net/DEV/operstate spells it.
    package var name: String {
      switch self {
      case .unknown: "unknown"
      case .notPresent: "notpresent"
      case .down: "down"
      case .lowerLayerDown: "lowerlayerdown"
      case .testing: "testing"
      case .dormant: "dormant"
      case .up: "up"
      }
    }
  }

  /// An XDP program that is attached.
  package struct XDP: Hashable, Sendable {
    /// As `ip link` words it.
    package enum Mode: UInt8, Sendable, Hashable {
      case native = 1, generic, offload, multiple
    }
    package var mode: Mode
    package var program: UInt32?
  }

  package var isUp: Bool { flags.contains(.up) }

  /// As ethtool tells "Link detected": a device that was taken down may keep its carrier's bit.
  package var hasLink: Bool? { carrier.map { $0 && isUp } }

  /// "02:fc:00:00:00:01"; empty for devices without an address.
  package var addressText: String { Self.text(of: address) }

  package static func text(of address: [UInt8]) -> String {
    Hex.text(address, separator: ":")
  }
}

// MARK: - Decode

extension Link {
  private typealias Key = LinkMessage.Key
  private typealias InfoKey = LinkMessage.InfoKey
  private enum BondKey: UInt16 {
    case mode = 1
    case activePort = 2
  }
  /// IFLA_VXLAN_*.
  private enum TunnelKey: UInt16 { case lower = 3 }
  /// BOND_MODE_ACTIVEBACKUP: what other ports receive is dropped.
  private static let activeBackup: UInt8 = 1
  private enum FamilyKey: UInt16 { case ipv6 = 10 }
  private enum IPv6Key: UInt16 { case cacheInfo = 5 }
  private enum XDPKey: UInt16 {
    case attached = 2
    case program = 4
  }

  /// As of Linux 7.3.
  fileprivate static let known = KnownAttributes(
    upTo: 69,
    nests: [
      (Key.linkInfo.rawValue, KnownAttributes(upTo: 5)),
      (Key.xdp.rawValue, KnownAttributes(upTo: 8)),
      (Key.properties.rawValue, KnownAttributes(upTo: Key.alternativeName.rawValue)),
    ])

  /// Reads an RTM_NEWLINK.
  package init(decoding message: NetlinkMessage) throws(DecodeError) {
    let context = "link"
    guard message.type == LinkMessage.new.rawValue else {
      throw DecodeError(context, offset: 0, "message type \(message.type), not RTM_NEWLINK")
    }
    let header = try LinkMessage.Header(message)
    index = header.index
    flags = Flags(rawValue: header.flags)

    let attributes = try message.attributes(after: LinkMessage.Header.size, context)
    name = try attributes.required(Key.name).string()
    mtu = try attributes.required(Key.mtu).u32()
    alternativeNames =
      try attributes[Key.properties]?.nested()
      .filter { $0.type == Key.alternativeName.rawValue }.map { $0.string() } ?? []
    let info = try attributes[Key.linkInfo]?.nested()
    kind = info?[InfoKey.kind]?.string()
    portKind = info?[InfoKey.portKind]?.string()
    if kind == "bond", let bond = try info?[InfoKey.data]?.nested(),
      try bond[BondKey.mode]?.u8() == Self.activeBackup
    {
      activePort = try bond[BondKey.activePort]?.s32()
    }
    operState = try attributes[Key.operState].flatMap { (state) throws(DecodeError) in
      OperState(rawValue: try state.u8())
    }
    carrier = try (attributes[Key.carrier]?.u8()).map { $0 != 0 }
    carrierChanges = try attributes[Key.carrierChanges]?.u32()
    minMTU = try attributes[Key.minMTU]?.u32()
    let maximum = try attributes[Key.maxMTU]?.u32()
    maxMTU = maximum == 0 ? nil : maximum
    address = attributes[Key.address].map { Array($0.payload) } ?? []
    permanentAddress = attributes[Key.permanentAddress].map { Array($0.payload) }
    rxQueues = try attributes[Key.rxQueues]?.u32()
    txQueues = try attributes[Key.txQueues]?.u32()
    master = try attributes[Key.master]?.s32()
    lower = try attributes[Key.lower]?.s32()
    // A VXLAN device has its own index in IFLA_LINK.
    if kind == "vxlan", let tunnel = try info?[InfoKey.data]?.nested() {
      lower = try tunnel[TunnelKey.lower]?.s32() ?? 0
    }
    lowerNamespace = try attributes[Key.lowerNamespace]?.s32()
    txQueueLength = try attributes[Key.txQueueLength]?.u32()
    groMaxSize = try attributes[Key.groMaxSize]?.u32()
    groIPv4MaxSize = try attributes[Key.groIPv4MaxSize]?.u32()
    xdp = try attributes[Key.xdp].flatMap { (xdp) throws(DecodeError) in
      try Self.xdp(try xdp.nested())
    }
    statistics = try attributes[Key.statistics64].map { (statistics) throws(DecodeError) in
      try LinkStatistics(decoding: statistics)
    }
    parentBus = attributes[Key.parentBus]?.string()
    parentDevice = attributes[Key.parentDevice]?.string()
  }

  /// The second word of `struct ifla_cacheinfo`.
  fileprivate static func ipv6Stamp(_ message: NetlinkMessage) throws(DecodeError) -> UInt32? {
    let attributes = try message.attributes(after: LinkMessage.Header.size, "link")
    let families = try attributes[Key.families]?.nested()
    guard let cache = try families?[FamilyKey.ipv6]?.nested()[IPv6Key.cacheInfo] else { return nil }
    var reader = ByteReader(cache.payload, "IFLA_INET6_CACHEINFO")
    try reader.skip(4, "max_reasm_len")
    return try reader.integer("tstamp")
  }

  private static func xdp(_ fields: Attributes) throws(DecodeError) -> XDP? {
    guard let attached = try fields[XDPKey.attached]?.u8(), let mode = XDP.Mode(rawValue: attached)
    else { return nil }
    return XDP(mode: mode, program: try fields[XDPKey.program]?.u32())
  }
}

// MARK: - Read

extension Host {
  /// All devices of this network namespace, or of another one by its id here, by ifindex.
  package func links(inNamespace id: Int32? = nil) throws(KernelError) -> [Link] {
    var writer = AttributeWriter(header: LinkMessage.Header().bytes)
    if let id { writer.put(LinkMessage.Key.targetNamespace.rawValue, id) }
    let request = NetlinkRequest(
      .route, type: LinkMessage.get.rawValue, flags: .dump, payload: writer.bytes, subject: "links")
    let replies = try kernel.netlink(request)
    note(replies)
    return try decoding(request.subject) { () throws(DecodeError) in
      try replies.map { (reply) throws(DecodeError) in try Link(decoding: reply) }
    }
  }

  private func note(_ replies: [NetlinkMessage]) {
    guard unknown != nil else { return }
    for reply in replies {
      guard let attributes = try? reply.attributes(after: LinkMessage.Header.size, "link") else {
        continue
      }
      unknown?.note("rtnetlink link", attributes, Link.known)
    }
  }

  /// The device of that name or alternative name; ENODEV where there is none.
  package func link(_ name: String) throws(KernelError) -> Link {
    var writer = AttributeWriter(header: LinkMessage.Header().bytes)
    writer.put(Link.nameAttribute(name), name)
    return try oneLink(writer.bytes, "link \(name)")
  }

  package func link(index: Int32) throws(KernelError) -> Link {
    try oneLink(LinkMessage.Header(index: index).bytes, "link \(index)")
  }

  /// When IPv6 last left the device, in hundredths of a second since boot; nil without IPv6.
  ///
  /// It leaves when the link is taken down (addrconf_ifdown), and neither when the carrier is lost
  /// nor when a driver reopens its queues: a new stamp tells the one from the others.
  package func ipv6Stamp(ofLink index: Int32) throws(KernelError) -> UInt32? {
    let subject = "link \(index)"
    let reply = try linkReply(LinkMessage.Header(index: index).bytes, subject)
    return try decoding(subject) { () throws(DecodeError) in try Link.ipv6Stamp(reply) }
  }

  private func oneLink(_ payload: [UInt8], _ subject: String) throws(KernelError) -> Link {
    let reply = try linkReply(payload, subject)
    note([reply])
    return try decoding(subject) { () throws(DecodeError) in try Link(decoding: reply) }
  }

  private func linkReply(
    _ payload: [UInt8], _ subject: String
  ) throws(KernelError) -> NetlinkMessage {
    try kernel.one(
      NetlinkRequest(.route, type: LinkMessage.get.rawValue, payload: payload, subject: subject))
  }

  /// True where hardware (or a hypervisor's device) is behind the link: it has
  /// /sys/class/net/DEV/device.
  package func isPhysical(_ link: Link) -> Bool {
    link.isPhysical ?? ((try? kernel.readLink(link.devicePath("device"))) != nil)
  }
}

extension Link {
  /// Whether hardware (or a hypervisor's device) is behind it; nil where the message does not say, as
  /// of NICs before 5.14.
  package var isPhysical: Bool? {
    if parentDevice != nil { return true }
    return kind != nil || flags.contains(.loopback) ? false : nil
  }

  /// A name longer than an interface's can only be an alternative one (since 5.5).
  fileprivate static func nameAttribute(_ name: String) -> UInt16 {
    (name.utf8.count <= InterfaceName.limit ? Key.name : Key.alternativeName).rawValue
  }
}

// MARK: - Set

extension Host {
  /// Sets one number of a device's link, by IFLA_* attribute.
  package func setLink(
    _ name: String, attribute: UInt16, _ value: UInt32
  ) throws(KernelError) {
    try changeLink(LinkMessage.Header(index: try link(name).index), "set link \(name)") {
      $0.put(attribute, value)
    }
  }

  /// Changes a device's link: RTM_SETLINK.
  ///
  /// - Parameter fill: puts the IFLA_* attributes; none where the header says all.
  package func changeLink(
    _ header: LinkMessage.Header, _ subject: String,
    _ fill: (inout AttributeWriter) -> Void = { _ in }
  ) throws(KernelError) {
    var writer = AttributeWriter(header: header.bytes)
    fill(&writer)
    _ = try kernel.netlink(
      NetlinkRequest(
        .route, type: LinkMessage.set.rawValue, flags: .acknowledge, payload: writer.bytes,
        subject: subject))
  }
}

extension Link {
  /// A setting by its IFLA_* attribute; nil where the kernel does not tell it.
  subscript(attribute: UInt16) -> UInt32? {
    switch Key(rawValue: attribute) {
    case .mtu: mtu
    case .minMTU: minMTU
    case .maxMTU: maxMTU
    case .txQueueLength: txQueueLength
    case .groMaxSize: groMaxSize
    case .groIPv4MaxSize: groIPv4MaxSize
    default: nil
    }
  }
}
