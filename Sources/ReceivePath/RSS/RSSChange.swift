package import KernelIO
import Netlink

/// What is to be set of an RSS context; what is nil stays.
package struct RSSChange: Hashable, Sendable {
  /// Empty: the driver's own table again.
  package var table: [UInt32]?
  package var key: [UInt8]?
  package var hashFunction: RSS.HashFunction?
  package var inputTransform: RSS.InputTransform?
  /// Flow types that are not named stay.
  package var fields: [FlowType: HashFields] = [:]

  package init(
    table: [UInt32]? = nil, key: [UInt8]? = nil, hashFunction: RSS.HashFunction? = nil,
    inputTransform: RSS.InputTransform? = nil, fields: [FlowType: HashFields] = [:]
  ) {
    self.table = table
    self.key = key
    self.hashFunction = hashFunction
    self.inputTransform = inputTransform
    self.fields = fields
  }
}

extension RSS.HashFunction {
  package init?(name: String) {
    switch name {
    case "toeplitz": self = .toeplitz
    case "xor": self = .xor
    case "crc32": self = .crc32
    default: return nil
    }
  }

  /// The bit of ETH_RSS_HASH_*.
  var bit: UInt32 {
    switch self {
    case .toeplitz: 1
    case .xor: 2
    case .crc32: 4
    case .other(let bit): bit
    }
  }
}

extension RSSChange {
  /// ETHTOOL_MSG_RSS_SET, since 6.17; its attributes are those of the reply to RSS_GET.
  func put(context: UInt32, into writer: inout AttributeWriter) {
    if context != 0 { writer.put(2, context) }
    if let hashFunction { writer.put(3, hashFunction.bit) }
    if let table { writer.put(4, bytes: table.flatMap(hostBytes)) }
    if let key { writer.put(5, bytes: key) }
    if let inputTransform { writer.put(6, inputTransform.rawValue) }
    if !fields.isEmpty {
      writer.nest(8) { nest in
        for (type, fields) in fields.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
          nest.put(type.rawValue, UInt32(truncatingIfNeeded: fields.rawValue))
        }
      }
    }
  }

  fileprivate var changesMore: Bool {
    table != nil || key != nil || hashFunction != nil || inputTransform != nil
  }

  /// ETHTOOL_SRSSH: `struct ethtool_rxfh`.
  ///
  /// - Parameter current: input_xfrm as it is now; kernels before 6.8 want their 0 there back.
  func structure(context: UInt32, current: RSS.InputTransform) -> EthtoolStructure {
    let table = table ?? []
    let key = key ?? []
    var structure = EthtoolStructure(
      command: 0x47, size: RSS.headerSize + table.count * 4 + key.count)
    structure.put(context, at: 4)
    structure.put(self.table == nil ? RSS.noChange : UInt32(clamping: table.count), at: 8)
    structure.put(UInt32(clamping: key.count), at: 12)
    structure.put(UInt8(truncatingIfNeeded: hashFunction?.bit ?? 0), at: 16)
    structure.put(UInt8(truncatingIfNeeded: (inputTransform ?? current).rawValue), at: 17)
    for (index, queue) in table.enumerated() {
      structure.put(queue, at: RSS.headerSize + index * 4)
    }
    for (index, byte) in key.enumerated() {
      structure.put(byte, at: RSS.headerSize + table.count * 4 + index)
    }
    return structure
  }
}

extension Host {
  /// Changes an RSS context; by netlink where the kernel can, else by ioctl.
  package func setRSS(
    _ device: String, context: UInt32 = 0, _ change: RSSChange
  ) throws(KernelError) {
    // Where the kernel has the message, the ioctl can no more than it, and has no words for why.
    guard hasEthtool(.rssSet) else {
      return try setRSSByIoctl(device, context: context, change)
    }
    try ethtoolSet(.rssSet, device) { change.put(context: context, into: &$0) }
  }

  private func setRSSByIoctl(
    _ device: String, context: UInt32, _ change: RSSChange
  ) throws(KernelError) {
    if change.changesMore {
      let current = try rss(device, context: context).inputTransform
      let structure = change.structure(context: context, current: current)
      _ = try ethtoolIoctl(device, structure, "SRSSH")
    }
    guard !change.fields.isEmpty else { return }
    // A driver may refuse what it reports for a flow type whose fields are fixed: igb, ip4:sd.
    let current = hashFieldsByIoctl(device, context: context)
    for (type, fields) in change.fields.sorted(by: { $0.key.rawValue < $1.key.rawValue })
    where current[type] != fields {
      guard let number = type.ioctlNumber else {
        throw KernelError("SIOCETHTOOL", "SRXFH \(type.name) \(device)", .notSupported)
      }
      var structure = EthtoolStructure(command: 0x2a, size: FlowRule.classifierSize)
      structure.put(context == 0 ? number : number | FlowRule.contextFlag, at: 4)
      structure.put(fields.rawValue, at: 8)
      structure.put(context, at: FlowRule.countOffset)
      _ = try ethtoolIoctl(device, structure, "SRXFH \(type.name)")
    }
  }
}
