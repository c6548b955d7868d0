import Testing

@testable import Scaling

@Suite("UDP frames") struct UDPFrameTests {
  /// 8 bytes from 198.18.0.2:4000 to 198.18.0.1:8080.
  private static let request: [UInt8] =
    [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0]
    + [0x45, 0, 0, 36, 0, 0, 0x40, 0, 64, 17, 0xae, 0xa1, 198, 18, 0, 2, 198, 18, 0, 1]
    + [0x0f, 0xa0, 0x1f, 0x90, 0, 16, 0, 0] + [1, 2, 3, 4, 5, 6, 7, 8]
  /// Read as it lies there, whatever the machine's byte order.
  private static let endpoint = UDPEndpoint(
    address: UInt32(bigEndian: 198 << 24 | 18 << 16 | 1), port: 8080)

  private func content(_ frame: [UInt8]) -> UDPFrame.Content {
    unsafe frame.withUnsafeBytes { unsafe UDPFrame.content($0, to: Self.endpoint) }
  }

  /// The same with other bytes from `offset` on, and the header's sum made right.
  private func changed(_ offset: Int, _ bytes: UInt8...) -> [UInt8] {
    var frame = Self.request
    frame.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    frame.replaceSubrange(24..<26, with: [0, 0])
    var sum = stride(from: 14, to: 34, by: 2).reduce(0) {
      $0 + (Int(frame[$1]) << 8 | Int(frame[$1 + 1]))
    }
    while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
    frame[24] = UInt8(~sum >> 8 & 0xff)
    frame[25] = UInt8(~sum & 0xff)
    return frame
  }

  @Test func findsThePayload() {
    #expect(content(Self.request) == .datagram(8))
    #expect(content(Self.request + [UInt8](repeating: 0, count: 10)) == .datagram(8))
    #expect(content(changed(38, 0, 8)) == .datagram(0))
  }

  @Test func leavesOthersToTheKernel() {
    #expect(content(changed(12, 8, 6)) == .foreign)
    #expect(content(changed(14, 0x46)) == .foreign)
    #expect(content(changed(20, 0x20)) == .foreign)
    #expect(content(changed(20, 0, 1)) == .foreign)
    #expect(content(changed(23, 6)) == .foreign)
    #expect(content(changed(33, 3)) == .foreign)
    #expect(content(changed(37, 0x91)) == .foreign)
  }

  @Test func knowsDamage() {
    for count in Self.request.indices {
      #expect(content(Array(Self.request[..<count])) == .damaged, "\(count) bytes")
    }
    for bit in 15 * 8..<34 * 8 {
      var frame = Self.request
      frame[bit / 8] ^= 1 << (bit % 8)
      #expect(content(frame) == .damaged, "bit \(bit)")
    }
    #expect(content(changed(14, 0x65)) == .damaged)
    #expect(content(changed(14, 0x44)) == .damaged)
    #expect(content(changed(17, 37)) == .damaged)
    #expect(content(changed(17, 27)) == .damaged)
    #expect(content(changed(38, 0, 7)) == .damaged)
    #expect(content(changed(38, 0, 17)) == .damaged)
    #expect(content(changed(38, 0xff, 0xff)) == .damaged)
  }

  @Test func answersTheSender() {
    var answer = UDPFrame.template(Self.endpoint, payload: 2) + [9, 9]
    let sum = UDPFrame.partialSum(answer)
    unsafe answer.withUnsafeMutableBytes { to in
      unsafe Self.request.withUnsafeBytes { from in
        guard let to = to.baseAddress, let from = from.baseAddress else { return }
        unsafe UDPFrame.complete(to, to: from, partialSum: sum)
      }
    }
    #expect(
      answer == [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0]
        + [0x45, 0, 0, 30, 0, 0, 0x40, 0, 64, 17, 0xae, 0xa7, 198, 18, 0, 1, 198, 18, 0, 2]
        + [0x1f, 0x90, 0x0f, 0xa0, 0, 10, 0, 0, 9, 9])
  }
}
