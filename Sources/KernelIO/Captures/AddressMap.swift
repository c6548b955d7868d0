/// Stand-ins for addresses: equal addresses share one, different ones differ.
///
/// The stand-in keeps what matters to a reader: its length, whether it is a group's, and what
/// the numbering plan says of it (link-local, IPv4 inside IPv6). Addresses that name nobody
/// (all zero, loopback, broadcast) stand for themselves.
struct AddressMap {
  private var standIns: [[UInt8]: [UInt8]] = [:]
  /// How many stand-ins there are behind each prefix.
  private var counts: [[UInt8]: UInt32] = [:]

  private static let mappedIPv4: [UInt8] = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]

  /// - Parameter address: in network byte order, of any length: 4 and 16 are IP's, others a
  ///   link layer's.
  mutating func standIn(for address: [UInt8]) -> [UInt8] {
    if address.count == 16, address.starts(with: Self.mappedIPv4) {
      return Self.mappedIPv4 + standIn(for: Array(address[12...]))
    }
    if namesNobody(address) { return address }
    if let known = standIns[address] { return known }
    let prefix = prefix(of: address)
    let count = counts[prefix, default: 0] &+ 1
    counts[prefix] = count
    let standIn = number(count, behind: prefix, length: address.count)
    standIns[address] = standIn
    return standIn
  }

  private func namesNobody(_ address: [UInt8]) -> Bool {
    if address.allSatisfy({ $0 == 0 }) { return true }
    if address.allSatisfy({ $0 == 0xff }) { return true }
    return switch address.count {
    case 4: address[0] == 127
    case 16: address.last == 1 && address.dropLast().allSatisfy { $0 == 0 }
    default: false
    }
  }

  private func prefix(of address: [UInt8]) -> [UInt8] {
    switch (address.count, address.first ?? 0) {
    case (4, 224...239): [239]
    case (4, _): [10]
    case (16, 0xff): Array(address[..<2])
    case (16, 0xfe) where address[1] & 0xc0 == 0x80: [0xfe, 0x80]
    case (16, _): [0x20, 0x01, 0x0d, 0xb8]
    // A link layer's: locally administered, the group bit kept.
    case (_, let first): [first & 1 | 2]
    }
  }

  /// A number in the last bytes; should they not hold it, it runs on into the prefix, as large
  /// as that may be.
  private func number(_ number: UInt32, behind prefix: [UInt8], length: Int) -> [UInt8] {
    var bytes = prefix.prefix(length) + repeatElement(0, count: max(0, length - prefix.count))
    var rest = number
    var index = bytes.count - 1
    while rest > 0, index >= 0 {
      let sum = UInt32(bytes[index]) + rest & 0xff
      bytes[index] = UInt8(truncatingIfNeeded: sum)
      rest = rest >> 8 + sum >> 8
      index -= 1
    }
    return Array(bytes)
  }
}
