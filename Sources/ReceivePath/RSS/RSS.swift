package import KernelIO
package import Knobs
package import Netlink

/// Receive-side scaling of one context: how the device spreads flows over its queues.
///
/// From ETHTOOL_MSG_RSS_GET; on kernels before it (6.2), or where its reply tells no fields
/// (before 6.17), from ETHTOOL_GRSSH and ETHTOOL_GRXFH (ethtool -x, -n … rx-flow-hash).
package struct RSS: Hashable, Sendable {
  /// 0 is the main one.
  package var context: UInt32
  package var hashFunction: HashFunction?
  /// Empty where the device does not tell it.
  package var key: [UInt8]
  /// Queue of each entry; empty where the device has no table.
  package var table: [UInt32]
  package var inputTransform: InputTransform
  package var fields: FlowHash

  /// Part of the table that leads to each queue, by queue: shares of 1.
  package var shares: [Int: Double] {
    guard !table.isEmpty else { return [:] }
    return Dictionary(grouping: table) { Int($0) }
      .mapValues { Double($0.count) / Double(table.count) }
  }
}

extension RSS {
  /// Devices that hide their key answer with zeroes; a real key of zeroes would hash all to 0.
  private static func told(_ key: ArraySlice<UInt8>) -> [UInt8] {
    key.allSatisfy { $0 == 0 } ? [] : Array(key)
  }
}

// MARK: - Netlink

extension RSS {
  fileprivate enum Key: UInt16 {
    case context = 2
    case hashFunction = 3
    case table = 4
    case key = 5
    case inputTransform = 6
    case fields = 8
  }

  package init(_ reply: Attributes) throws(DecodeError) {
    context = try reply[Key.context]?.u32() ?? 0
    hashFunction = try reply[Key.hashFunction].flatMap { (attribute) throws(DecodeError) in
      let bit = try attribute.u32()
      return bit == 0 ? nil : HashFunction(bit: bit)
    }
    table = try reply[Key.table]?.u32Array() ?? []
    key = Self.told(reply[Key.key]?.payload ?? [])
    inputTransform = InputTransform(rawValue: try reply[Key.inputTransform]?.u32() ?? 0)
    fields = FlowHash()
    if let nest = try reply[Key.fields]?.nested() {
      for attribute in nest {
        guard let type = FlowType(rawValue: attribute.type) else { continue }
        fields[type] = HashFields(rawValue: try attribute.uint())
      }
    }
  }
}

// MARK: - The ioctl

extension RSS {
  static let getCommand: UInt32 = 0x46
  static let setCommand: UInt32 = 0x47
  static let fieldsCommand: UInt32 = 0x29
  static let setFieldsCommand: UInt32 = 0x2a
  static let headerSize = 24
  /// Above any device's table and key: a guard against a hostile count.
  static let limit = UInt32(IndirectionTable.limit)
  static let noChange: UInt32 = 0xffff_ffff

  /// `struct ethtool_rxfh`: {cmd, rss_context, indir_size, key_size, hfunc u8, input_xfrm u8, …}.
  struct Sizes {
    var table: UInt32
    var key: UInt32

    init(_ reader: consuming ByteReader) throws(DecodeError) {
      try reader.skip(8, "cmd and rss_context")
      table = min(try reader.integer("indir_size"), RSS.limit)
      key = min(try reader.integer("key_size"), RSS.limit)
    }
  }

  init(ioctl reader: consuming ByteReader, sizes: Sizes) throws(DecodeError) {
    try reader.skip(4, "cmd")
    context = try reader.integer("rss_context")
    try reader.skip(8, "indir_size and key_size")
    let function: UInt8 = try reader.integer("hfunc")
    hashFunction = function == 0 ? nil : HashFunction(bit: UInt32(function))
    inputTransform = InputTransform(
      rawValue: UInt32(try reader.integer("input_xfrm", as: UInt8.self)))
    try reader.skip(6, "rsvd8 and rsvd32")
    table = []
    for _ in 0..<sizes.table { table.append(try reader.integer("rss_config")) }
    key = Self.told(try reader.take(Int(sizes.key), "the key"))
    fields = FlowHash()
  }
}

extension Host {
  /// RSS of a context; the main one by default.
  package func rss(_ device: String, context: UInt32 = 0) throws(KernelError) -> RSS {
    var rss: RSS
    do {
      let reply = try ethtool(.rssGet, device) {
        RSS.put(context: context, into: &$0)
      }
      rss = try decoding("rss-get \(device)") { () throws(DecodeError) in try RSS(reply) }
      rss.context = context
    } catch {
      // Where the kernel has the message, the ioctl knows no more than it.
      guard error.kind == .notSupported, !hasEthtool(.rssGet) else { throw error }
      rss = try rssByIoctl(device, context: context)
    }
    if rss.fields.isEmpty { rss.fields = hashFieldsByIoctl(device, context: context) }
    return rss
  }

  private func rssByIoctl(_ device: String, context: UInt32) throws(KernelError) -> RSS {
    var structure = EthtoolStructure(command: RSS.getCommand, size: RSS.headerSize)
    structure.put(context, at: 4)
    let what = "GRSSH"
    let first = try ethtoolIoctl(device, structure, what)
    let sizes = try decoding("\(what) \(device)") { () throws(DecodeError) in try RSS.Sizes(first) }
    var whole = EthtoolStructure(
      command: RSS.getCommand, size: RSS.headerSize + Int(sizes.table) * 4 + Int(sizes.key))
    whole.put(context, at: 4)
    whole.put(sizes.table, at: 8)
    whole.put(sizes.key, at: 12)
    let answer = try ethtoolIoctl(device, whole, what)
    return try decoding("\(what) \(device)") { () throws(DecodeError) in
      try RSS(ioctl: answer, sizes: sizes)
    }
  }

  /// Fields per flow type, one ioctl each; a driver that refuses the first common one has none.
  func hashFieldsByIoctl(_ device: String, context: UInt32) -> FlowHash {
    var fields = FlowHash()
    for type in FlowType.common {
      guard let number = type.ioctlNumber else { continue }
      var structure = EthtoolStructure(command: RSS.fieldsCommand, size: FlowRule.Classifier.size)
      structure.put(
        context == 0 ? number : number | FlowRule.contextFlag, at: FlowRule.Classifier.flowType)
      structure.put(context, at: FlowRule.Classifier.count)
      do {
        var reader = try ethtoolIoctl(device, structure, "GRXFH \(type.name)")
        let data = try decoding("GRXFH \(device)") { () throws(DecodeError) in
          try reader.skip(8, "cmd and flow_type")
          return try reader.integer("data", as: UInt64.self)
        }
        fields[type] = HashFields(rawValue: data)
      } catch {
        if error.kind == .notSupported && fields.isEmpty { break }
      }
    }
    return fields
  }
}

// MARK: - Setting

/// What is to be set of an RSS context; what is nil stays.
struct RSSChange {
  var parts: RSSContext
  /// The table of `parts` as entries; empty: the driver's own again.
  var entries: [UInt32]?

  /// - Parameter size: entries of the device's table.
  /// - Throws: EINVAL where the table has another size.
  init(_ parts: RSSContext, size: Int) throws(KernelError) {
    self.parts = parts
    guard let table = parts.table else { return }
    guard let entries = table.entries(size: size), entries.isEmpty == table.isDriver else {
      throw KernelError(
        "rss", parts.description, .errno(.invalid),
        extendedAck: ExtendedAck(message: "\"\(table)\" is not a table of \(size) entries"))
    }
    self.entries = entries
  }

  /// ETHTOOL_MSG_RSS_SET, since 6.17; its attributes are those of the reply to RSS_GET.
  func put(context: UInt32, into writer: inout AttributeWriter) {
    RSS.put(context: context, into: &writer)
    if let function = parts.function { writer.put(RSS.Key.hashFunction.rawValue, function.bit) }
    if let entries { writer.put(RSS.Key.table.rawValue, bytes: entries.flatMap(hostBytes)) }
    if let key = parts.key { writer.put(RSS.Key.key.rawValue, bytes: key.bytes) }
    if let transform = parts.transform {
      writer.put(RSS.Key.inputTransform.rawValue, transform.rawValue)
    }
    if !parts.fields.isEmpty {
      writer.nest(RSS.Key.fields.rawValue) { nest in
        for (type, fields) in parts.fields.all {
          nest.put(type.rawValue, UInt32(truncatingIfNeeded: fields.rawValue))
        }
      }
    }
  }

  fileprivate var changesMore: Bool {
    var others = parts
    (others.number, others.fields) = (nil, FlowHash())
    return others != RSSContext()
  }

  /// ETHTOOL_SRSSH: `struct ethtool_rxfh`.
  ///
  /// - Parameter current: input_xfrm as it is now; kernels before 6.8 want their 0 there back.
  func structure(context: UInt32, current: InputTransform) -> EthtoolStructure {
    let table = entries ?? []
    let key = parts.key?.bytes ?? []
    var structure = EthtoolStructure(
      command: RSS.setCommand, size: RSS.headerSize + table.count * 4 + key.count)
    structure.put(context, at: 4)
    structure.put(entries == nil ? RSS.noChange : UInt32(clamping: table.count), at: 8)
    structure.put(UInt32(clamping: key.count), at: 12)
    structure.put(UInt8(truncatingIfNeeded: parts.function?.bit ?? 0), at: 16)
    structure.put(UInt8(truncatingIfNeeded: (parts.transform ?? current).rawValue), at: 17)
    for (index, queue) in table.enumerated() {
      structure.put(queue, at: RSS.headerSize + index * 4)
    }
    for (index, byte) in key.enumerated() {
      structure.put(byte, at: RSS.headerSize + table.count * 4 + index)
    }
    return structure
  }
}

extension RSS {
  /// The main one is meant where none is named.
  static func put(context: UInt32, into writer: inout AttributeWriter) {
    if context != 0 { writer.put(Key.context.rawValue, context) }
  }
}

extension Host {
  /// Changes an RSS context; by netlink where the kernel can, else by ioctl.
  func setRSS(_ device: String, context: UInt32 = 0, _ change: RSSChange) throws(KernelError) {
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
    guard !change.parts.fields.isEmpty else { return }
    // A driver may refuse what it reports for a flow type whose fields are fixed: igb, ip4:sd.
    let current = hashFieldsByIoctl(device, context: context)
    for (type, fields) in change.parts.fields.all where current[type] != fields {
      guard let number = type.ioctlNumber else {
        throw KernelError("SIOCETHTOOL", "SRXFH \(type.name) \(device)", .notSupported)
      }
      var structure = EthtoolStructure(
        command: RSS.setFieldsCommand, size: FlowRule.Classifier.size)
      structure.put(
        context == 0 ? number : number | FlowRule.contextFlag, at: FlowRule.Classifier.flowType)
      structure.put(fields.rawValue, at: FlowRule.Classifier.data)
      structure.put(context, at: FlowRule.Classifier.count)
      _ = try ethtoolIoctl(device, structure, "SRXFH \(type.name)")
    }
  }
}
