import Scaling

extension FuzzTarget {
  /// What a packet server makes of a frame; behind its end nothing may be read.
  static let packet = FuzzTarget(name: "packet", seeds: { [request, options, fragment] }) { bytes in
    // Memory that ends where the frame does: the sanitizer tells of what is read behind it.
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { unsafe memory.deallocate() }
    unsafe memory.copyBytes(from: bytes)
    let content = unsafe UDPFrame.content(UnsafeRawBufferPointer(memory), to: endpoint)
    if case .datagram(let length) = content {
      precondition(length >= 0 && UDPFrame.headerBytes + length <= bytes.count)
    }
  }

  private static let endpoint = UDPEndpoint(address: 0x0100_12c6, port: 8080)

  /// 8 bytes from 198.18.0.2:4000 to 198.18.0.1:8080.
  private static let request: [UInt8] =
    [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0]
    + [0x45, 0, 0, 36, 0, 0, 0x40, 0, 64, 17, 0xae, 0xa1, 198, 18, 0, 2, 198, 18, 0, 1]
    + [0x0f, 0xa0, 0x1f, 0x90, 0, 16, 0, 0] + [1, 2, 3, 4, 5, 6, 7, 8]

  private static var options: [UInt8] {
    var frame = request
    frame[14] = 0x46
    return frame
  }

  private static var fragment: [UInt8] {
    var frame = request
    frame[20] = 0x20
    return frame
  }
}
