/// A 4-tuple and its protocol, and the packet that carries it.
struct Flow: Hashable, Sendable, CustomStringConvertible {
  enum Transport: UInt8, CaseIterable, Sendable { case tcp = 6, udp = 17 }

  let transport: Transport
  /// 4 or 16 bytes each.
  let source: [UInt8]
  let destination: [UInt8]
  let sourcePort: UInt16
  let destinationPort: UInt16

  var isIPv6: Bool { source.count == 16 }

  /// As `rxtune flow` takes it, and as a report of a miss shows it.
  var description: String {
    "\(transport) \(endpoint(source, sourcePort)) > \(endpoint(destination, destinationPort))"
  }

  private func endpoint(_ address: [UInt8], _ port: UInt16) -> String {
    isIPv6 ? "[\(Self.text(address))]:\(port)" : "\(Self.text(address)):\(port)"
  }

  static func text(_ address: [UInt8]) -> String {
    if address.count == 4 { return address.map(String.init).joined(separator: ".") }
    return stride(from: 0, to: 16, by: 2).map {
      String(UInt16(address[$0]) << 8 | UInt16(address[$0 + 1]), radix: 16)
    }.joined(separator: ":")
  }

  /// As many flows of each transport over each version of IP.
  static func random(_ count: Int, using generator: inout some RandomNumberGenerator) -> [Flow] {
    (0..<count).map { index in
      random(
        index.isMultiple(of: 2) ? .udp : .tcp, ipv6: index / 2 % 2 == 1, using: &generator)
    }
  }

  /// A flow of unicast addresses: 10.0.0.0/8 or fd00::/8.
  static func random(
    _ transport: Transport, ipv6: Bool, using generator: inout some RandomNumberGenerator
  ) -> Flow {
    func address() -> [UInt8] {
      var bytes = (0..<(ipv6 ? 16 : 4)).map { _ in UInt8.random(in: 1...254, using: &generator) }
      bytes[0] = ipv6 ? 0xfd : 10
      return bytes
    }
    return Flow(
      transport: transport, source: address(), destination: address(),
      sourcePort: .random(in: 1024...65535, using: &generator),
      destinationPort: .random(in: 1...65535, using: &generator))
  }

  // MARK: The packet

  /// The Ethernet frame of one packet: 100 bytes, whatever the flow, and `padding`.
  func frame(to mac: MAC, padding: Int = 0) -> [UInt8] {
    let segment = segment(100 - 14 - (isIPv6 ? 40 : 20) + padding)
    let type: UInt16 = isIPv6 ? 0x86dd : 0x0800
    let header = isIPv6 ? ipv6Header(segment.count) : ipv4Header(segment.count)
    return mac.bytes + [0x02, 0, 0, 0, 0, 0x01] + Self.big(type) + header + segment
  }

  private func ipv4Header(_ length: Int) -> [UInt8] {
    var header: [UInt8] =
      [0x45, 0] + Self.big(UInt16(20 + length)) + [0, 0, 0x40, 0, 64, transport.rawValue, 0, 0]
    header += source + destination
    header.replaceSubrange(10..<12, with: Self.big(Self.checksum(header)))
    return header
  }

  private func ipv6Header(_ length: Int) -> [UInt8] {
    [0x60, 0, 0, 0] + Self.big(UInt16(length)) + [transport.rawValue, 64] + source + destination
  }

  private func segment(_ length: Int) -> [UInt8] {
    let ports = Self.big(sourcePort) + Self.big(destinationPort)
    var segment: [UInt8]
    let checksumAt: Int
    switch transport {
    case .tcp:
      segment = ports + [0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x10, 0xff, 0xff, 0, 0, 0, 0]
      checksumAt = 16
    case .udp:
      segment = ports + Self.big(UInt16(length)) + [0, 0]
      checksumAt = 6
    }
    segment += [UInt8](repeating: 0x72, count: length - segment.count)
    let pseudo = source + destination + [0, transport.rawValue] + Self.big(UInt16(segment.count))
    let sum = Self.checksum(pseudo + segment)
    segment.replaceSubrange(checksumAt..<(checksumAt + 2), with: Self.big(sum == 0 ? 0xffff : sum))
    return segment
  }

  private static func big(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xff)] }

  /// The Internet checksum (RFC 1071).
  private static func checksum(_ bytes: [UInt8]) -> UInt16 {
    var sum: UInt32 = 0
    for index in stride(from: 0, to: bytes.count, by: 2) {
      let low = index + 1 < bytes.count ? UInt32(bytes[index + 1]) : 0
      sum += UInt32(bytes[index]) << 8 | low
    }
    while sum > 0xffff { sum = (sum & 0xffff) + (sum >> 16) }
    return ~UInt16(sum)
  }
}
