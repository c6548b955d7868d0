/// A bounds-checked cursor over bytes in host byte order, as netlink and ioctl structures are.
///
/// Every read either advances or throws a `DecodeError` that names the offset; none can trap.
package struct ByteReader {
  private let bytes: ArraySlice<UInt8>
  private var position: Int
  private let context: String

  package init(_ bytes: ArraySlice<UInt8>, _ context: String) {
    self.bytes = bytes
    self.position = bytes.startIndex
    self.context = context
  }

  package init(_ bytes: [UInt8], _ context: String) {
    self.init(bytes[...], context)
  }

  /// Bytes consumed so far.
  package var offset: Int { position - bytes.startIndex }
  package var remaining: Int { bytes.endIndex - position }

  package mutating func take(_ count: Int, _ what: String) throws(DecodeError) -> ArraySlice<UInt8>
  {
    guard count >= 0, count <= remaining else {
      throw DecodeError(
        context, offset: offset, "\(what) needs \(count) bytes, \(remaining) are left")
    }
    defer { position += count }
    return bytes[position..<position + count]
  }

  package mutating func skip(_ count: Int, _ what: String) throws(DecodeError) {
    _ = try take(count, what)
  }

  package mutating func integer<Value: FixedWidthInteger>(
    _ what: String, as type: Value.Type = Value.self
  ) throws(DecodeError) -> Value {
    hostInteger(try take(MemoryLayout<Value>.size, what))
  }

  /// A fixed-size character field, up to its first NUL.
  package mutating func text(_ count: Int, _ what: String) throws(DecodeError) -> String {
    String(decoding: try take(count, what).prefix { $0 != 0 }, as: UTF8.self)
  }
}

/// The integer whose memory image in host byte order is `bytes`.
package func hostInteger<Value: FixedWidthInteger>(
  _ bytes: ArraySlice<UInt8>, as type: Value.Type = Value.self
) -> Value {
  var value: Value = 0
  for byte in bytes { value = value << 8 | Value(truncatingIfNeeded: byte) }
  #if _endian(little)
    return value.byteSwapped
  #else
    return value
  #endif
}

/// The memory image of `value` in host byte order.
package func hostBytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
  var rest = value.bigEndian
  #if _endian(little)
    rest = value
  #endif
  var bytes: [UInt8] = []
  bytes.reserveCapacity(MemoryLayout<Value>.size)
  for shift in stride(from: 0, to: Value.bitWidth, by: 8) {
    bytes.append(UInt8(truncatingIfNeeded: rest >> Value(shift)))
  }
  return bytes
}
