import Glibc

/// An IPv4 or IPv6 address with a port, as connect(2) takes it.
package struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
  package let host: String
  package var port: UInt16
  private let isIPv6: Bool
  private let network: [UInt8]

  /// "192.0.2.1" or "2001:db8::1"; names are not looked up.
  package init?(host: String, port: UInt16) {
    var four = in_addr()
    var six = in6_addr()
    if unsafe inet_pton(AF_INET, host, &four) == 1 {
      isIPv6 = false
      network = unsafe withUnsafeBytes(of: &four) { unsafe Array($0) }
    } else if unsafe inet_pton(AF_INET6, host, &six) == 1 {
      isIPv6 = true
      network = unsafe withUnsafeBytes(of: &six) { unsafe Array($0) }
    } else {
      return nil
    }
    self.host = host
    self.port = port
  }

  /// "192.0.2.1:80" or "[2001:db8::1]:80".
  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
    else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("[") && host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    self.init(host: String(host), port: port)
  }

  package var description: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

  package var isLoopback: Bool {
    isIPv6 ? network.dropLast().allSatisfy { $0 == 0 } && network.last == 1 : network.first == 127
  }

  var family: Int32 { isIPv6 ? AF_INET6 : AF_INET }

  /// `struct sockaddr_in` or `sockaddr_in6`.
  var bytes: [UInt8] {
    let family = UInt16(clamping: family)
    let head = [
      UInt8(truncatingIfNeeded: family), UInt8(truncatingIfNeeded: family >> 8),
      UInt8(truncatingIfNeeded: port >> 8), UInt8(truncatingIfNeeded: port),
    ]
    return isIPv6
      ? head + [0, 0, 0, 0] + network + [0, 0, 0, 0]
      : head + network + [UInt8](repeating: 0, count: 8)
  }

  func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    let bytes = bytes
    // sockaddr_storage is aligned as every address needs it.
    var storage = sockaddr_storage()
    return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      let raw = UnsafeMutableRawPointer(pointer)
      unsafe raw.copyMemory(from: bytes, byteCount: bytes.count)
      return unsafe body(
        UnsafePointer(raw.assumingMemoryBound(to: sockaddr.self)), socklen_t(bytes.count))
    }
  }
}
