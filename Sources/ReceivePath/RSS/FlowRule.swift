package import KernelIO
package import Knobs
import Netlink

// ETHTOOL_GRXCLSRULE and its like: only the ioctl has the rules.

extension FlowRule {
  /// `struct ethtool_rxnfc` with its `struct ethtool_rx_flow_spec`, on every 64-bit machine: where
  /// its fields are.
  enum Classifier {
    static let size = 192
    static let flowType = 4
    static let data = 8
    /// fs.flow_type; the rule begins here.
    static let ruleType = 16
    /// fs.h_u and fs.h_ext, then the masks of both.
    static let values = 20
    static let extraValues = 72
    static let masks = 92
    static let extraMasks = 144
    static let cookie = 168
    static let location = 176
    /// rule_cnt; rss_context of a rule.
    static let count = 184
  }

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
    try reader.skip(Classifier.ruleType, "cmd, flow_type and data")
    let type: UInt32 = try reader.integer("fs.flow_type")
    let values = Array(try reader.take(52, "fs.h_u"))
    let extra = Array(try reader.take(20, "fs.h_ext"))
    let masks = Array(try reader.take(52, "fs.m_u"))
    let extraMasks = Array(try reader.take(20, "fs.m_ext"))
    try reader.skip(4, "padding")
    let cookie: UInt64 = try reader.integer("fs.ring_cookie")
    let location: UInt32 = try reader.integer("fs.location")
    try reader.skip(Classifier.count - Classifier.location - 4, "padding")
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

// MARK: - Read

extension Host {
  /// All rules, by location.
  package func flowRules(_ device: String) throws(KernelError) -> [FlowRule] {
    let count: UInt32
    do { count = try flowRuleCount(device).rules } catch {
      // So be2net and mlx4_en say that they have no rules.
      guard error.errno == .invalid else { throw error }
      throw KernelError(error.operation, error.place, .notSupported)
    }
    guard count > 0 else { return [] }
    var found: [FlowRule] = []
    for location in try flowRuleLocations(device, count: count).used {
      var one = EthtoolStructure(
        command: FlowRule.ruleCommand, size: FlowRule.Classifier.size)
      one.put(location, at: FlowRule.Classifier.location)
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

  /// How many rules there are, and whether the driver chooses locations where it is asked to.
  private func flowRuleCount(
    _ device: String
  ) throws(KernelError) -> (rules: UInt32, choosesLocations: Bool) {
    let question = EthtoolStructure(
      command: FlowRule.countCommand, size: FlowRule.Classifier.size)
    var reply = try ethtoolIoctl(device, question, "GRXCLSRLCNT")
    return try decoding("GRXCLSRLCNT \(device)") { () throws(DecodeError) in
      try reply.skip(FlowRule.Classifier.data, "cmd and flow_type")
      let abilities: UInt64 = try reply.integer("data")
      try reply.skip(FlowRule.Classifier.count - FlowRule.Classifier.ruleType, "up to rule_cnt")
      return (
        min(try reply.integer("rule_cnt"), FlowRule.limit),
        abilities & FlowRule.specialLocations != 0
      )
    }
  }

  /// The locations in use, and how many the device has.
  private func flowRuleLocations(
    _ device: String, count: UInt32
  ) throws(KernelError) -> (used: [UInt32], size: UInt64) {
    var question = EthtoolStructure(
      command: FlowRule.allCommand, size: FlowRule.Classifier.size + Int(count) * 4)
    question.put(count, at: FlowRule.Classifier.count)
    var reply = try ethtoolIoctl(device, question, "GRXCLSRLALL")
    return try decoding("GRXCLSRLALL \(device)") { () throws(DecodeError) in
      try reply.skip(FlowRule.Classifier.data, "cmd and flow_type")
      let size: UInt64 = try reply.integer("data")
      try reply.skip(FlowRule.Classifier.count - FlowRule.Classifier.ruleType, "up to rule_cnt")
      let found: UInt32 = try reply.integer("rule_cnt")
      var used: [UInt32] = []
      for _ in 0..<min(found, count) { used.append(try reply.integer("rule_locs")) }
      return (used, size)
    }
  }
}

// MARK: - Set

extension FlowRule {
  /// `struct ethtool_rxnfc` that carries the rule.
  ///
  /// - Returns: nil where the flow type, or a field, is none that is known.
  func structure(command: UInt32) -> EthtoolStructure? {
    guard var type = Self.number(ofType: flowType) else { return nil }
    let layout = Self.layout(type)
    var structure = EthtoolStructure(command: command, size: Classifier.size)
    func put(_ match: Match, _ range: Range<Int>, values: Int, masks: Int) -> Bool {
      guard match.value.count == range.count, match.mask.count == range.count else { return false }
      for (index, offset) in range.enumerated() {
        structure.put(match.value[index], at: values + offset)
        structure.put(match.mask[index], at: masks + offset)
      }
      return true
    }
    // The driver wants to know the family, and does not want to compare it (ETH_RX_NFC_IP4).
    if flowType == "ip4" { structure.put(UInt8(1), at: Classifier.values + 13) }
    for match in matches {
      if let field = layout.fields.first(where: { $0.name == match.field }) {
        guard put(match, field.range, values: Classifier.values, masks: Classifier.masks)
        else { return nil }
      } else if let field = Self.extraFields.first(where: { $0.name == match.field }) {
        guard put(match, field.range, values: Classifier.extraValues, masks: Classifier.extraMasks)
        else { return nil }
        type |= match.field == "dst-mac" ? Self.linkAddressFlag : Self.extensionFlag
      } else {
        return nil
      }
    }
    if let context {
      type |= Self.contextFlag
      structure.put(context, at: Classifier.count)
    }
    structure.put(type, at: Classifier.ruleType)
    structure.put(cookie, at: Classifier.cookie)
    structure.put(location, at: Classifier.location)
    return structure
  }

  private var cookie: UInt64 {
    switch action {
    case .queue(let queue): UInt64(queue)
    case .drop: .max
    case .wake: .max - 1
    case .virtualFunction(let function, let queue): (UInt64(function) &+ 1) << 32 | UInt64(queue)
    }
  }
}

extension Host {
  /// Gives a device these rules and no others: those that are not wanted go first, so that their
  /// locations are free; those that are there stay untouched.
  package func setFlowRules(_ device: String, _ wanted: [FlowRule]) throws(KernelError) {
    let present = try flowRules(device).map(\.canonical)
    let wanted = FlowRuleTable.placed(wanted, among: present)
      .sorted { $0.location < $1.location }
    let (kept, known) = (Set(wanted), Set(present))
    for rule in present where !kept.contains(rule) { try deleteFlowRule(device, rule) }
    var taken = Set(wanted.map(\.location))
    for var rule in wanted where !known.contains(rule) {
      if rule.location == FlowRule.anyLocation {
        rule.location = try freeLocation(device, besides: taken)
        taken.insert(rule.location)
      }
      try insertFlowRule(device, rule)
    }
  }

  private func insertFlowRule(_ device: String, _ rule: FlowRule) throws(KernelError) {
    let what = "SRXCLSRLINS \(rule.text)"
    guard let structure = rule.structure(command: FlowRule.insertCommand) else {
      throw KernelError("SIOCETHTOOL", "\(what) \(device)", .notSupported)
    }
    _ = try ethtoolIoctl(device, structure, what)
  }

  private func deleteFlowRule(_ device: String, _ rule: FlowRule) throws(KernelError) {
    var structure = EthtoolStructure(
      command: FlowRule.deleteCommand, size: FlowRule.Classifier.size)
    structure.put(rule.location, at: FlowRule.Classifier.location)
    _ = try ethtoolIoctl(device, structure, "SRXCLSRLDEL \(rule.text)")
  }

  /// The driver's own choice where it makes one; else the last free location, which is the lowest
  /// priority: as ethtool chooses.
  private func freeLocation(
    _ device: String, besides taken: Set<UInt32>
  ) throws(KernelError) -> UInt32 {
    let count = try flowRuleCount(device)
    if count.choosesLocations { return FlowRule.anyLocation }
    let (used, size) = try flowRuleLocations(device, count: count.rules)
    let taken = taken.union(used)
    var location = UInt32(clamping: min(size, UInt64(FlowRule.limit)))
    while location > 0 {
      location -= 1
      if !taken.contains(location) { return location }
    }
    throw KernelError("SIOCETHTOOL", "free location among \(size) of \(device)", .noSpace)
  }
}
