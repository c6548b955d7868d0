package import KernelIO
package import Knobs
import Netlink

// MARK: - In the kernel's form

extension FlowRule {
  /// `struct ethtool_rxnfc` that carries the rule.
  ///
  /// - Returns: nil where the flow type, or a field, is none that is known.
  func structure(command: UInt32) -> EthtoolStructure? {
    guard var type = Self.number(ofType: flowType) else { return nil }
    let layout = Self.layout(type)
    var structure = EthtoolStructure(command: command, size: Self.classifierSize)
    func put(_ match: Match, _ range: Range<Int>, values: Int, masks: Int) -> Bool {
      guard match.value.count == range.count, match.mask.count == range.count else { return false }
      for (index, offset) in range.enumerated() {
        structure.put(match.value[index], at: Self.specOffset + values + offset)
        structure.put(match.mask[index], at: Self.specOffset + masks + offset)
      }
      return true
    }
    // The driver wants to know the family, and does not want to compare it (ETH_RX_NFC_IP4).
    if flowType == "ip4" { structure.put(UInt8(1), at: Self.specOffset + 4 + 13) }
    for match in matches {
      if let field = layout.fields.first(where: { $0.name == match.field }) {
        guard put(match, field.range, values: 4, masks: 76) else { return nil }
      } else if let field = Self.extraFields.first(where: { $0.name == match.field }) {
        guard put(match, field.range, values: 56, masks: 128) else { return nil }
        type |= match.field == "dst-mac" ? Self.linkAddressFlag : Self.extensionFlag
      } else {
        return nil
      }
    }
    if let context {
      type |= Self.contextFlag
      structure.put(context, at: Self.countOffset)
    }
    structure.put(type, at: Self.specOffset)
    structure.put(cookie, at: Self.specOffset + 152)
    structure.put(location, at: Self.specOffset + 160)
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

// MARK: - On a device

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
      command: FlowRule.deleteCommand, size: FlowRule.classifierSize)
    structure.put(rule.location, at: FlowRule.specOffset + 160)
    _ = try ethtoolIoctl(device, structure, "SRXCLSRLDEL \(rule.text)")
  }

  /// The driver's own choice where it makes one; else the last free location, which is the lowest
  /// priority: as ethtool chooses.
  private func freeLocation(
    _ device: String, besides taken: Set<UInt32>
  ) throws(KernelError) -> UInt32 {
    let question = EthtoolStructure(command: FlowRule.countCommand, size: FlowRule.classifierSize)
    var count = try ethtoolIoctl(device, question, "GRXCLSRLCNT")
    let (abilities, rules) = try decoding("GRXCLSRLCNT \(device)") {
      () throws(DecodeError) -> (UInt64, UInt32) in
      try count.skip(8, "cmd and flow_type")
      let abilities: UInt64 = try count.integer("data")
      try count.skip(FlowRule.countOffset - 16, "up to rule_cnt")
      return (abilities, min(try count.integer("rule_cnt"), FlowRule.limit))
    }
    if abilities & FlowRule.specialLocations != 0 { return FlowRule.anyLocation }
    var all = EthtoolStructure(
      command: FlowRule.allCommand, size: FlowRule.classifierSize + Int(rules) * 4)
    all.put(rules, at: FlowRule.countOffset)
    var list = try ethtoolIoctl(device, all, "GRXCLSRLALL")
    let (size, used) = try decoding("GRXCLSRLALL \(device)") {
      () throws(DecodeError) -> (UInt64, Set<UInt32>) in
      try list.skip(8, "cmd and flow_type")
      let size: UInt64 = try list.integer("data")
      try list.skip(FlowRule.countOffset - 16, "up to rule_cnt")
      let found: UInt32 = try list.integer("rule_cnt")
      var used: Set<UInt32> = []
      for _ in 0..<min(found, rules) { used.insert(try list.integer("rule_locs")) }
      return (size, used)
    }
    var location = UInt32(clamping: min(size, UInt64(FlowRule.limit)))
    while location > 0 {
      location -= 1
      if !used.contains(location) && !taken.contains(location) { return location }
    }
    throw KernelError("SIOCETHTOOL", "free location among \(size) of \(device)", .noSpace)
  }
}
