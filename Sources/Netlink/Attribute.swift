/// One netlink attribute: a type and the bytes of its value (`struct nlattr`, netlink(7)).
package struct Attribute {
  package let type: UInt16
  package let payload: ArraySlice<UInt8>
  /// The message and the attributes that enclose this one, for errors.
  let context: String

  package func u8() throws(DecodeError) -> UInt8 { try fixed() }
  package func u16() throws(DecodeError) -> UInt16 { try fixed() }
  package func u32() throws(DecodeError) -> UInt32 { try fixed() }
  package func s32() throws(DecodeError) -> Int32 { try fixed() }
  package func u64() throws(DecodeError) -> UInt64 { try fixed() }

  /// The `uint` of the netlink specs: 4 or 8 bytes, as the kernel pleased.
  package func uint() throws(DecodeError) -> UInt64 {
    payload.count == 4 ? UInt64(try u32()) : try u64()
  }

  /// A string value, with or without its terminating NUL.
  package func string() -> String {
    String(decoding: payload.prefix { $0 != 0 }, as: UTF8.self)
  }

  package func u32Array() throws(DecodeError) -> [UInt32] {
    guard payload.count.isMultiple(of: 4) else {
      throw DecodeError(path, offset: payload.count, "an array of u32 ends in the middle of one")
    }
    return stride(from: payload.startIndex, to: payload.endIndex, by: 4).map {
      hostInteger(payload[$0..<$0 + 4])
    }
  }

  package func nested() throws(DecodeError) -> Attributes {
    try Attributes(payload, path)
  }

  package var path: String { "\(context)/\(type)" }

  private func fixed<Value: FixedWidthInteger>() throws(DecodeError) -> Value {
    let size = MemoryLayout<Value>.size
    guard payload.count == size else {
      throw DecodeError(path, offset: 0, "\(payload.count) bytes where \(size) are due")
    }
    return hostInteger(payload)
  }
}

/// The attributes of a message or of a nest, in the kernel's order.
///
/// The whole list is checked at once: what survives `init` has no length left to distrust.
/// Unknown types are kept and simply not asked for.
package struct Attributes: Sequence {
  private let list: [Attribute]
  package let context: String

  private static let headerSize = 4
  /// NLA_F_NESTED and NLA_F_NET_BYTEORDER ride in the type (linux/netlink.h).
  private static let typeMask: UInt16 = 0x3fff

  package init(_ bytes: ArraySlice<UInt8>, _ context: String) throws(DecodeError) {
    var list: [Attribute] = []
    var start = bytes.startIndex
    while start < bytes.endIndex {
      let offset = start - bytes.startIndex
      guard bytes.endIndex - start >= Self.headerSize else {
        throw DecodeError(context, offset: offset, "an attribute's header is cut short")
      }
      let length = Int(hostInteger(bytes[start..<start + 2], as: UInt16.self))
      let type = hostInteger(bytes[start + 2..<start + 4], as: UInt16.self) & Self.typeMask
      guard length >= Self.headerSize, length <= bytes.endIndex - start else {
        throw DecodeError(
          context, offset: offset,
          "attribute \(type) claims \(length) bytes, \(bytes.endIndex - start) are left")
      }
      list.append(
        Attribute(
          type: type, payload: bytes[start + Self.headerSize..<start + length], context: context))
      start = Swift.min(start + (length + 3) & ~3, bytes.endIndex)
    }
    self.list = list
    self.context = context
  }

  package init(_ bytes: [UInt8], _ context: String) throws(DecodeError) {
    try self.init(bytes[...], context)
  }

  /// The first attribute of that type; absent is `nil`.
  package subscript(_ type: UInt16) -> Attribute? { list.first { $0.type == type } }

  package subscript<Key: RawRepresentable<UInt16>>(_ key: Key) -> Attribute? {
    self[key.rawValue]
  }

  /// An attribute without which the message means nothing.
  package func required<Key: RawRepresentable<UInt16>>(_ key: Key) throws(DecodeError) -> Attribute
  {
    guard let attribute = self[key] else {
      throw DecodeError(context, offset: 0, "attribute \(key.rawValue) (\(key)) is missing")
    }
    return attribute
  }

  package func makeIterator() -> IndexingIterator<[Attribute]> { list.makeIterator() }
}

/// Appends attributes to a request's payload.
package struct AttributeWriter {
  package private(set) var bytes: [UInt8]
  private static let nestedFlag: UInt16 = 0x8000

  /// `header` is the fixed part before the attributes (genlmsghdr, ifinfomsg, …).
  package init(header: [UInt8] = []) {
    bytes = header
  }

  package mutating func put(_ type: UInt16, bytes value: some Collection<UInt8>) {
    bytes += hostBytes(UInt16(clamping: value.count + 4)) + hostBytes(type)
    bytes += value
    pad()
  }

  package mutating func put(_ type: UInt16, _ value: some FixedWidthInteger) {
    put(type, bytes: hostBytes(value))
  }

  package mutating func put(_ type: UInt16, _ value: String) {
    put(type, bytes: Array(value.utf8) + [0])
  }

  package mutating func put(_ type: UInt16, flag: Bool) {
    if flag { put(type, bytes: []) }
  }

  package mutating func nest(_ type: UInt16, _ fill: (inout AttributeWriter) -> Void) {
    var inner = AttributeWriter()
    fill(&inner)
    put(type | Self.nestedFlag, bytes: inner.bytes)
  }

  private mutating func pad() {
    while !bytes.count.isMultiple(of: 4) { bytes.append(0) }
  }
}
