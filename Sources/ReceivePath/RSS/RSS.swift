package import KernelIO
package import Netlink

/// Receive-side scaling of one context: how the device spreads flows over its queues.
///
/// From ETHTOOL_MSG_RSS_GET; on kernels before it (6.2), or where its reply tells no fields
/// (before 6.17), from ETHTOOL_GRSSH and ETHTOOL_GRXFH (ethtool -x, -n … rx-flow-hash).
package struct RSS: Hashable, Sendable {
  package enum HashFunction: Hashable, Sendable {
    case toeplitz, xor, crc32
    case other(UInt32)

    /// The bit of ETH_RSS_HASH_*.
    package init(bit: UInt32) {
      self =
        switch bit {
        case 1: .toeplitz
        case 2: .xor
        case 4: .crc32
        default: .other(bit)
        }
    }

    package var name: String {
      switch self {
      case .toeplitz: "toeplitz"
      case .xor: "xor"
      case .crc32: "crc32"
      case .other(let bit): "function-\(bit)"
      }
    }
  }

  /// What happens to the fields before they are hashed (RXH_XFRM_*).
  package struct InputTransform: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    package static let symmetricXor = InputTransform(rawValue: 1)
    package static let symmetricOrXor = InputTransform(rawValue: 2)

    package var description: String {
      if self == .symmetricXor { return "symmetric-xor" }
      if self == .symmetricOrXor { return "symmetric-or-xor" }
      return isEmpty ? "none" : "transform-\(rawValue)"
    }

    /// Reads `description` back; nil for what nobody can name.
    package init?(text: String) {
      let known: [InputTransform] = [[], .symmetricXor, .symmetricOrXor]
      guard let match = known.first(where: { $0.description == text }) else { return nil }
      self = match
    }
  }

  /// 0 is the main one.
  package var context: UInt32
  package var hashFunction: HashFunction?
  /// Empty where the device does not tell it.
  package var key: [UInt8]
  /// Queue of each entry; empty where the device has no table.
  package var table: [UInt32]
  package var inputTransform: InputTransform
  package var fields: [FlowType: HashFields]

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
  private enum Key: UInt16 {
    case context = 2
    case hashFunction = 3
    case table = 4
    case key = 5
    case inputTransform = 6
    case fields = 8
  }
  static let contextAttribute = Key.context.rawValue

  package init(_ reply: Attributes) throws(DecodeError) {
    context = try reply[Key.context]?.u32() ?? 0
    hashFunction = try reply[Key.hashFunction].flatMap { (attribute) throws(DecodeError) in
      let bit = try attribute.u32()
      return bit == 0 ? nil : HashFunction(bit: bit)
    }
    table = try reply[Key.table]?.u32Array() ?? []
    key = Self.told(reply[Key.key]?.payload ?? [])
    inputTransform = InputTransform(rawValue: try reply[Key.inputTransform]?.u32() ?? 0)
    fields = [:]
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
  static let fieldsCommand: UInt32 = 0x29
  static let headerSize = 24
  /// Above any device's table and key: a guard against a hostile count.
  static let limit: UInt32 = 1 << 20
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
    fields = [:]
  }
}

extension Host {
  /// RSS of a context; the main one by default.
  package func rss(_ device: String, context: UInt32 = 0) throws(KernelError) -> RSS {
    var rss: RSS
    do {
      let reply = try ethtool(.rssGet, device) {
        if context != 0 { $0.put(RSS.contextAttribute, context) }
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
  func hashFieldsByIoctl(_ device: String, context: UInt32) -> [FlowType: HashFields] {
    var fields: [FlowType: HashFields] = [:]
    for type in FlowType.common {
      guard let number = type.ioctlNumber else { continue }
      var structure = EthtoolStructure(command: RSS.fieldsCommand, size: FlowRule.classifierSize)
      structure.put(context == 0 ? number : number | FlowRule.contextFlag, at: 4)
      structure.put(context, at: FlowRule.countOffset)
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

  /// Ids of the RSS contexts besides the main one: by a dump (since 6.12), or by asking for one
  /// after the other, of which drivers have few and give them low numbers.
  package func rssContexts(_ device: String) throws(KernelError) -> [UInt32] {
    let replies: [Attributes]
    do { replies = try ethtoolDump(.rssGet, device) } catch {
      guard error.kind == .notSupported || error.kind == .refused else { throw error }
      var numbers: [UInt32] = []
      for number in 1...Self.probedContexts {
        var structure = EthtoolStructure(command: RSS.getCommand, size: RSS.headerSize)
        structure.put(number, at: 4)
        do throws(KernelError) {
          _ = try ethtoolIoctl(device, structure, "GRSSH context \(number)")
          numbers.append(number)
        } catch let missing {
          // A driver without contexts, or a record from before they were asked for.
          if [.notSupported, .notRecorded].contains(missing.kind) { throw error }
        }
      }
      return numbers
    }
    return try decoding("rss-get \(device)") { () throws(DecodeError) in
      try replies.map { (reply) throws(DecodeError) in try RSS(reply).context }
    }.filter { $0 != 0 }.sorted()
  }

  private static let probedContexts: UInt32 = 32
}
