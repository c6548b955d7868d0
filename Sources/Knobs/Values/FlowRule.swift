/// One receive classification rule (ntuple) of a device (ethtool -n).
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

    package init(field: String, value: [UInt8], mask: [UInt8]) {
      (self.field, self.value, self.mask) = (field, value, mask)
    }

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

  /// RX_CLS_LOC_ANY: the driver, or where it cannot the writer, chooses the location.
  package static let anyLocation = UInt32.max

  package init(
    location: UInt32, flowType: String, matches: [Match], action: Action, context: UInt32? = nil
  ) {
    self.location = location
    self.flowType = flowType
    self.matches = matches
    self.action = action
    self.context = context
  }

  /// The queue that the rule leads to by itself: that of a function, or one that a context adds to
  /// its own, is none of the device's.
  package var queue: Int? {
    guard case .queue(let queue) = action, context == nil else { return nil }
    return Int(clamping: queue)
  }

  /// The same rule in the form that text gives: fields in order, no bits that are not compared.
  package var canonical: FlowRule {
    var rule = self
    for index in matches.indices where !matches[index].lacksMask {
      let match = matches[index]
      rule.matches[index].value = zip(match.value, match.mask).map { $0 & $1 }
    }
    return rule
  }
}

// MARK: - Flow types and their fields

extension FlowRule {
  package struct Field {
    package var name: String
    /// Bytes of the structure that has it.
    package var range: Range<Int>
  }

  /// `struct ethtool_rx_flow_ext`: padding[2], h_dest[6], vlan_etype, vlan_tci, data[2].
  package static let extraFields = [
    Field(name: "dst-mac", range: 2..<8), Field(name: "vlan-etype", range: 8..<10),
    Field(name: "vlan", range: 10..<12), Field(name: "user-def", range: 12..<20),
  ]

  /// Name and fields of a flow type (linux/ethtool.h, struct ethtool_tcpip4_spec and the like).
  package static func layout(_ type: UInt32) -> (name: String, fields: [Field]) {
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

  /// Flags that share the word of the flow type (linux/ethtool.h, FLOW_EXT, FLOW_MAC_EXT,
  /// FLOW_RSS).
  package static let flagMask: UInt32 = 0xe000_0000

  /// The number of a flow type by the name that `layout` gives it.
  package static func number(ofType name: String) -> UInt32? {
    if let known = knownTypes.first(where: { layout($0).name == name }) { return known }
    guard name.hasPrefix("type-"), let number = UInt32(name.dropFirst(5)),
      layout(number).name == name, number & flagMask == 0
    else { return nil }
    return number
  }

  package static var typeNames: [String] { knownTypes.map { layout($0).name } }

  private static let knownTypes: [UInt32] = [
    0x01, 0x02, 0x03, 0x05, 0x06, 0x07, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x12,
  ]
}
