package import KernelIO
import Netlink

/// One receive classification rule (ntuple): ETHTOOL_GRXCLSRULE (ethtool -n). Only the ioctl has
/// them.
package struct FlowRule: Hashable, Sendable {
  package enum Action: Hashable, Sendable {
    case queue(UInt32)
    case drop
    case wake
    /// A queue of a virtual function.
    case virtualFunction(UInt32, queue: UInt32)
  }

  /// One compared field: where `mask` has ones, the packet must agree with `value`.
  package struct Match: Hashable, Sendable {
    package var field: String
    package var value: [UInt8]
    package var mask: [UInt8]

    /// A value was told and no mask, as by older i40e, which compares all of it: whether
    /// this is compared, the kernel's answer does not say.
    package var lacksMask: Bool { mask.allSatisfy { $0 == 0 } }
  }

  package var location: UInt32
  package var flowType: String
  package var matches: [Match]
  package var action: Action
  /// The RSS context that spreads what matches, instead of one queue.
  package var context: UInt32?

  /// The queue that the rule leads to by itself: that of a function, or one that a context adds to
  /// its own, is none of the device's.
  package var queue: Int? {
    guard case .queue(let queue) = action, context == nil else { return nil }
    return Int(clamping: queue)
  }

  // `struct ethtool_rxnfc` and `struct ethtool_rx_flow_spec`, on every 64-bit machine.
  static let classifierSize = 192
  static let specOffset = 16
  static let countOffset = 184
  static let locationsOffset = 188
  static let extensionFlag: UInt32 = 0x8000_0000
  static let linkAddressFlag: UInt32 = 0x4000_0000
  static let contextFlag: UInt32 = 0x2000_0000
  private static let flagMask: UInt32 = 0xe000_0000

  static let countCommand: UInt32 = 0x2e
  static let ruleCommand: UInt32 = 0x2f
  static let allCommand: UInt32 = 0x30
  static let deleteCommand: UInt32 = 0x31
  static let insertCommand: UInt32 = 0x32
  /// RX_CLS_LOC_SPECIAL: the driver chooses locations where it is asked to.
  static let specialLocations: UInt64 = 0x8000_0000
  /// Above any device's table: a guard against a hostile count.
  static let limit: UInt32 = 1 << 20

  package init(
    location: UInt32, flowType: String, matches: [Match], action: Action, context: UInt32? = nil
  ) {
    self.location = location
    self.flowType = flowType
    self.matches = matches
    self.action = action
    self.context = context
  }

  init(_ reader: consuming ByteReader) throws(DecodeError) {
    try reader.skip(Self.specOffset, "cmd, flow_type and data")
    let type: UInt32 = try reader.integer("fs.flow_type")
    let values = Array(try reader.take(52, "fs.h_u"))
    let extra = Array(try reader.take(20, "fs.h_ext"))
    let masks = Array(try reader.take(52, "fs.m_u"))
    let extraMasks = Array(try reader.take(20, "fs.m_ext"))
    try reader.skip(4, "padding")
    let cookie: UInt64 = try reader.integer("fs.ring_cookie")
    location = try reader.integer("fs.location")
    try reader.skip(Self.countOffset - Self.specOffset - 164, "padding")
    let context: UInt32 = try reader.integer("rss_context")

    let layout = Self.layout(type & ~Self.flagMask)
    flowType = layout.name
    var matches: [Match] = []
    func compare(_ field: String, _ range: Range<Int>, _ values: [UInt8], _ masks: [UInt8]) {
      let match = Match(field: field, value: Array(values[range]), mask: Array(masks[range]))
      // The family of an ip4 rule (ETH_RX_NFC_IP4) is told to the driver, and never compared.
      guard !match.lacksMask || field != "ip-ver" && match.value.contains(where: { $0 != 0 })
      else { return }
      matches.append(match)
    }
    for field in layout.fields { compare(field.name, field.range, values, masks) }
    if type & (Self.extensionFlag | Self.linkAddressFlag) != 0 {
      for field in Self.extraFields { compare(field.name, field.range, extra, extraMasks) }
    }
    self.matches = matches
    action =
      switch cookie {
      case .max: .drop
      case .max - 1: .wake
      default:
        // ETHTOOL_RX_FLOW_SPEC_RING, _RING_VF: 32 bits of queue, then 8 of function plus one.
        cookie >> 32 & 0xff == 0
          ? .queue(UInt32(truncatingIfNeeded: cookie))
          : .virtualFunction(
            UInt32(truncatingIfNeeded: cookie >> 32 & 0xff) - 1,
            queue: UInt32(truncatingIfNeeded: cookie))
      }
    self.context = type & Self.contextFlag != 0 ? context : nil
  }

  struct Field {
    var name: String
    var range: Range<Int>
  }

  /// `struct ethtool_rx_flow_ext`: padding[2], h_dest[6], vlan_etype, vlan_tci, data[2].
  static let extraFields = [
    Field(name: "dst-mac", range: 2..<8), Field(name: "vlan-etype", range: 8..<10),
    Field(name: "vlan", range: 10..<12), Field(name: "user-def", range: 12..<20),
  ]

  /// Name and fields of a flow type (linux/ethtool.h, struct ethtool_tcpip4_spec and the like).
  static func layout(_ type: UInt32) -> (name: String, fields: [Field]) {
    func fields(_ names: [(String, Int)]) -> [Field] {
      var start = 0
      return names.map { name, size in
        defer { start += size }
        return Field(name: name, range: start..<start + size)
      }
    }
    let ip4 = [("src-ip", 4), ("dst-ip", 4)]
    let ip6 = [("src-ip", 16), ("dst-ip", 16)]
    let ports = [("src-port", 2), ("dst-port", 2)]
    let spi = [("spi", 4)]
    switch type {
    case 0x01: return ("tcp4", fields(ip4 + ports + [("tos", 1)]))
    case 0x02: return ("udp4", fields(ip4 + ports + [("tos", 1)]))
    case 0x03: return ("sctp4", fields(ip4 + ports + [("tos", 1)]))
    case 0x05: return ("tcp6", fields(ip6 + ports + [("tclass", 1)]))
    case 0x06: return ("udp6", fields(ip6 + ports + [("tclass", 1)]))
    case 0x07: return ("sctp6", fields(ip6 + ports + [("tclass", 1)]))
    case 0x09: return ("ah4", fields(ip4 + spi + [("tos", 1)]))
    case 0x0a: return ("esp4", fields(ip4 + spi + [("tos", 1)]))
    case 0x0b: return ("ah6", fields(ip6 + spi + [("tclass", 1)]))
    case 0x0c: return ("esp6", fields(ip6 + spi + [("tclass", 1)]))
    case 0x0d:
      return ("ip4", fields(ip4 + [("l4data", 4), ("tos", 1), ("ip-ver", 1), ("l4proto", 1)]))
    case 0x0e: return ("ip6", fields(ip6 + [("l4data", 4), ("tclass", 1), ("l4proto", 1)]))
    case 0x12: return ("ether", fields([("dst", 6), ("src", 6), ("proto", 2)]))
    // Kept whole, so that it can be put back.
    default: return ("type-\(type)", fields([("data", 52)]))
    }
  }

  /// The number of a flow type by the name that `layout` gives it.
  static func number(ofType name: String) -> UInt32? {
    if let known = knownTypes.first(where: { layout($0).name == name }) { return known }
    guard name.hasPrefix("type-"), let number = UInt32(name.dropFirst(5)),
      layout(number).name == name, number & flagMask == 0
    else { return nil }
    return number
  }

  static var typeNames: [String] { knownTypes.map { layout($0).name } }

  private static let knownTypes: [UInt32] = [
    0x01, 0x02, 0x03, 0x05, 0x06, 0x07, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x12,
  ]
}

extension Host {
  /// All rules, by location.
  package func flowRules(_ device: String) throws(KernelError) -> [FlowRule] {
    let question = EthtoolStructure(command: FlowRule.countCommand, size: FlowRule.classifierSize)
    var count: ByteReader
    do { count = try ethtoolIoctl(device, question, "GRXCLSRLCNT") } catch {
      // So be2net and mlx4_en say that they have no rules.
      guard error.errno == .invalid else { throw error }
      throw KernelError(error.operation, error.place, .notSupported)
    }
    let rules = try decoding("GRXCLSRLCNT \(device)") { () throws(DecodeError) in
      try count.skip(FlowRule.countOffset, "up to rule_cnt")
      return min(try count.integer("rule_cnt", as: UInt32.self), FlowRule.limit)
    }
    guard rules > 0 else { return [] }
    var all = EthtoolStructure(
      command: FlowRule.allCommand, size: FlowRule.classifierSize + Int(rules) * 4)
    all.put(rules, at: FlowRule.countOffset)
    var list = try ethtoolIoctl(device, all, "GRXCLSRLALL")
    let locations = try decoding("GRXCLSRLALL \(device)") { () throws(DecodeError) -> [UInt32] in
      try list.skip(FlowRule.countOffset, "up to rule_cnt")
      let found: UInt32 = try list.integer("rule_cnt")
      var locations: [UInt32] = []
      for _ in 0..<min(found, rules) { locations.append(try list.integer("rule_locs")) }
      return locations
    }
    var found: [FlowRule] = []
    for location in locations {
      var one = EthtoolStructure(command: FlowRule.ruleCommand, size: FlowRule.classifierSize)
      one.put(location, at: FlowRule.specOffset + 160)
      let reader: ByteReader
      do { reader = try ethtoolIoctl(device, one, "GRXCLSRULE \(location)") } catch {
        // Deleted since the list was made: no reason to say that the device has no rules.
        guard error.errno == .noEntry else { throw error }
        continue
      }
      found.append(
        try decoding("GRXCLSRULE \(device)") { () throws(DecodeError) in try FlowRule(reader) })
    }
    return found.sorted { $0.location < $1.location }
  }
}
