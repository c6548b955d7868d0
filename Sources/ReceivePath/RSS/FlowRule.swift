package import KernelIO
package import Knobs
import Netlink

// ETHTOOL_GRXCLSRULE and its like: only the ioctl has the rules.

extension FlowRule {
  // `struct ethtool_rxnfc` and `struct ethtool_rx_flow_spec`, on every 64-bit machine.
  static let classifierSize = 192
  static let specOffset = 16
  static let countOffset = 184
  static let extensionFlag: UInt32 = 0x8000_0000
  static let linkAddressFlag: UInt32 = 0x4000_0000
  static let contextFlag: UInt32 = 0x2000_0000

  static let countCommand: UInt32 = 0x2e
  static let ruleCommand: UInt32 = 0x2f
  static let allCommand: UInt32 = 0x30
  static let deleteCommand: UInt32 = 0x31
  static let insertCommand: UInt32 = 0x32
  /// RX_CLS_LOC_SPECIAL: the driver chooses locations where it is asked to.
  static let specialLocations: UInt64 = 0x8000_0000
  /// Above any device's table: a guard against a hostile count.
  static let limit: UInt32 = 1 << 20

  init(_ reader: consuming ByteReader) throws(DecodeError) {
    try reader.skip(Self.specOffset, "cmd, flow_type and data")
    let type: UInt32 = try reader.integer("fs.flow_type")
    let values = Array(try reader.take(52, "fs.h_u"))
    let extra = Array(try reader.take(20, "fs.h_ext"))
    let masks = Array(try reader.take(52, "fs.m_u"))
    let extraMasks = Array(try reader.take(20, "fs.m_ext"))
    try reader.skip(4, "padding")
    let cookie: UInt64 = try reader.integer("fs.ring_cookie")
    let location: UInt32 = try reader.integer("fs.location")
    try reader.skip(Self.countOffset - Self.specOffset - 164, "padding")
    let context: UInt32 = try reader.integer("rss_context")

    let layout = Self.layout(type & ~Self.flagMask)
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
    let action: Action =
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
    self.init(
      location: location, flowType: layout.name, matches: matches, action: action,
      context: type & Self.contextFlag != 0 ? context : nil)
  }
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
