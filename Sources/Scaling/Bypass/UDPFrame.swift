/// Who serves, as packets name it.
package struct UDPEndpoint: Hashable, Sendable {
  /// IPv4, as it lies in memory in network order.
  package var address: UInt32
  package var port: UInt16

  package init(address: UInt32, port: UInt16) {
    self.address = address
    self.port = port
  }
}

/// An Ethernet frame with a UDP datagram over IPv4 (RFC 894, 791, 768), without VLAN tag or IP
/// options, in one piece.
package enum UDPFrame {
  package static let headerBytes = 42

  package enum Content: Hashable, Sendable {
    /// To the endpoint: its payload's bytes, which begin behind the headers.
    case datagram(Int)
    /// Another's, or of a kind that a server leaves to the kernel.
    case foreign
    /// Its lengths or its header's sum cannot be.
    case damaged
  }

  /// Of bytes from outside: whatever they are, nothing behind their end is read.
  ///
  /// UDP's own sum is not looked at: between two veths the kernel has not computed it.
  @inline(__always) package static func content(
    _ frame: UnsafeRawBufferPointer, to endpoint: UDPEndpoint
  ) -> Content {
    guard frame.count >= headerBytes else { return .damaged }
    let type = unsafe frame.loadUnaligned(fromByteOffset: 12, as: UInt16.self)
    guard type == UInt16(0x0800).bigEndian else { return .foreign }
    // Version 4, a header of 5 words.
    guard unsafe frame[14] == 0x45 else {
      return unsafe frame[14] >> 4 == 4 && frame[14] & 15 > 5 ? .foreign : .damaged
    }
    let total = Int(unsafe big16(frame, 16))
    guard total >= headerBytes - 14, total <= frame.count - 14,
      unsafe sum(ofHeader: frame) == 0xffff
    else { return .damaged }
    // More fragments, or not the first; UDP.
    guard unsafe big16(frame, 20) & 0x3fff == 0, unsafe frame[23] == 17,
      unsafe frame.loadUnaligned(fromByteOffset: 30, as: UInt32.self) == endpoint.address,
      unsafe big16(frame, 36) == endpoint.port
    else { return .foreign }
    let length = Int(unsafe big16(frame, 38))
    guard length >= 8, length <= total - 20 else { return .damaged }
    return .datagram(length - 8)
  }

  @inline(__always) private static func big16(
    _ bytes: UnsafeRawBufferPointer, _ offset: Int
  ) -> UInt16 {
    UInt16(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  /// RFC 1071: 0xffff where the header is whole.
  @inline(__always) private static func sum(ofHeader frame: UnsafeRawBufferPointer) -> UInt32 {
    var sum: UInt32 = 0
    var offset = 14
    while offset < 34 {
      sum &+= UInt32(unsafe frame.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
      offset &+= 2
    }
    return folded(sum)
  }

  @inline(__always) private static func folded(_ sum: UInt32) -> UInt32 {
    let once = (sum & 0xffff) &+ sum >> 16
    return (once & 0xffff) &+ once >> 16
  }

  // MARK: - Answer

  /// What all answers of an endpoint begin with, to be copied and completed.
  ///
  /// - Parameter count: bytes of payload.
  static func template(_ endpoint: UDPEndpoint, payload count: Int) -> [UInt8] {
    func big(_ value: Int) -> [UInt8] {
      [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
    }
    let address = unsafe withUnsafeBytes(of: endpoint.address) { unsafe Array($0) }
    return [UInt8](repeating: 0, count: 12) + [8, 0]
      // Version and length, service, length, id, "do not fragment", hops, protocol, sum, addresses.
      + [0x45, 0] + big(28 + count) + [0, 0, 0x40, 0, 64, 17, 0, 0] + address + [0, 0, 0, 0]
      // A sum of 0 says that there is none, which IPv4 allows.
      + big(Int(endpoint.port)) + [0, 0] + big(8 + count) + [0, 0]
  }

  /// The template's sum, before an address is added.
  static func partialSum(_ template: [UInt8]) -> UInt32 {
    unsafe template.withUnsafeBytes { bytes in
      stride(from: 14, to: 34, by: 2).reduce(0) { sum, offset in
        sum &+ UInt32(unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
      }
    }
  }

  /// Completes a copy of the template, as the answer to a frame that holds a datagram.
  @inline(__always) static func complete(
    _ answer: UnsafeMutableRawPointer, to frame: UnsafeRawPointer, partialSum: UInt32
  ) {
    unsafe answer.copyMemory(from: frame + 6, byteCount: 6)
    unsafe (answer + 6).copyMemory(from: frame, byteCount: 6)
    let source = unsafe frame.loadUnaligned(fromByteOffset: 26, as: UInt32.self)
    unsafe answer.storeBytes(of: source, toByteOffset: 30, as: UInt32.self)
    let sum = folded(partialSum &+ (source & 0xffff) &+ source >> 16)
    unsafe answer.storeBytes(
      of: ~UInt16(truncatingIfNeeded: sum), toByteOffset: 24, as: UInt16.self)
    unsafe answer.storeBytes(
      of: frame.loadUnaligned(fromByteOffset: 34, as: UInt16.self), toByteOffset: 36,
      as: UInt16.self)
  }
}
