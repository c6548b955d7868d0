/// An IPv4 or IPv6 address, as its 4 or 16 bytes in network order.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
  package let bytes: [UInt8]

  package var isIPv6: Bool { bytes.count == 16 }

  /// "10.0.0.1:80", "[::1]:80"; with a zone behind the address, as ss(8) has it: "[fe80::1]%2:80".
  package func endpoint(_ port: UInt16, zone: String = "") -> String {
    (isIPv6 ? "[\(self)]" : "\(self)") + "\(zone):\(port)"
  }

  /// What packets carry: of an IPv4-mapped address (::ffff:0:0/96, RFC 4291), by which a socket of
  /// both families knows its IPv4 peers, the IPv4 address.
  package var onTheWire: IPAddress {
    let prefix = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]
    guard isIPv6, bytes.starts(with: prefix) else { return self }
    return IPAddress(bytes: bytes.dropFirst(prefix.count)) ?? self
  }

  /// - Parameter bytes: 4 or 16 of them.
  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    self.bytes = Array(bytes)
  }

  /// Reads "10.0.0.1" or "2001:db8::1", strictly: no zero padding, no zone, no prefix length.
  package init?(_ text: some StringProtocol) {
    guard let bytes = Self.version4(text) ?? Self.version6(text) else { return nil }
    self.bytes = bytes
  }

  private static func version4(_ text: some StringProtocol) -> [UInt8]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var bytes: [UInt8] = []
    for part in parts {
      // Leading zeroes mean octal to some readers: refused, as inet_pton(3) does.
      guard let byte = UInt8(part), String(byte) == part else { return nil }
      bytes.append(byte)
    }
    return bytes
  }

  private static func version6(_ text: some StringProtocol) -> [UInt8]? {
    let halves = separate(text)
    guard let first = halves.first, halves.count <= 2 else { return nil }
    guard let head = groups(first, mayEndInIPv4: halves.count == 1) else { return nil }
    guard halves.count == 2 else { return head.count == 16 ? head : nil }
    guard let tail = groups(halves[1], mayEndInIPv4: true), head.count + tail.count <= 14 else {
      return nil
    }
    return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
  }

  /// The parts around each "::".
  private static func separate(_ text: some StringProtocol) -> [String] {
    var parts = [""]
    var rest = Substring(String(text))
    while let character = rest.first {
      if rest.hasPrefix("::") {
        parts.append("")
        rest = rest.dropFirst(2)
      } else {
        parts[parts.count - 1].append(character)
        rest = rest.dropFirst()
      }
    }
    return parts
  }

  private static func groups(_ text: String, mayEndInIPv4: Bool) -> [UInt8]? {
    if text.isEmpty { return [] }
    var bytes: [UInt8] = []
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if mayEndInIPv4, index == parts.count - 1, part.contains("."), let last = version4(part) {
        bytes += last
        continue
      }
      guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy({ $0 != UInt8(ascii: "+") }),
        let value = UInt16(part, radix: 16)
      else { return nil }
      bytes += [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)]
    }
    return bytes.count <= 16 ? bytes : nil
  }

  /// RFC 5952: lower case, the longest run of two or more zero groups as "::".
  package var description: String {
    guard isIPv6 else { return bytes.map(String.init).joined(separator: ".") }
    let groups = stride(from: 0, to: 16, by: 2).map {
      UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
    }
    var longest = 0..<0
    var start: Int?
    for index in 0...groups.count {
      if index < groups.count, groups[index] == 0 {
        start = start ?? index
      } else if let open = start {
        if index - open > longest.count { longest = open..<index }
        start = nil
      }
    }
    func text(_ part: some Sequence<UInt16>) -> String {
      part.map { String($0, radix: 16) }.joined(separator: ":")
    }
    if longest.count < 2 { return text(groups) }
    return text(groups[..<longest.lowerBound]) + "::" + text(groups[longest.upperBound...])
  }
}
