import Glibc
import KernelIO
import Notation
import ReceivePath

/// An IPv4 or IPv6 address with a port, as connect(2) takes it.
package struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
  /// With its zone: "fe80::1%eth0".
  package let host: String
  package var port: UInt16
  private let isIPv6: Bool
  private let network: [UInt8]
  /// The interface whose link a link-local address is of (sin6_scope_id); 0 for others.
  private let scope: UInt32

  /// "192.0.2.1", "2001:db8::1" or "fe80::1%eth0", where the zone is an interface's name or index;
  /// names of hosts are not looked up.
  package init(host: String, port: UInt16) throws(BenchError) {
    try self.init(host, port) { $0 }
  }

  /// - Parameter spell: how an address with its zone is to be typed in place of `host`.
  private init(_ host: String, _ port: UInt16, _ spell: (String) -> String) throws(BenchError) {
    let parts = host.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = IPAddress(parts[0]) else {
      throw BenchError("\"\(host)\" is neither an IPv4 nor an IPv6 address")
    }
    network = address.bytes
    isIPv6 = address.isIPv6
    let isLinkLocal = isIPv6 && network[0] == 0xfe && network[1] & 0xc0 == 0x80
    let zone = parts.count == 2 ? String(parts[1]) : nil
    guard isLinkLocal == (zone != nil) else {
      throw zone == nil
        ? Self.withoutZone(parts[0], spell)
        : BenchError("\(host): only link-local addresses (fe80::/10) have a zone")
    }
    scope = try zone.map { zone throws(BenchError) in try Self.index(ofZone: zone, host) } ?? 0
    self.host = host
    self.port = port
  }

  /// "192.0.2.1:80", "[2001:db8::1]:80" or "[fe80::1%eth0]:80".
  package init(_ text: String) throws(BenchError) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
    else { throw BenchError("\"\(text)\" is not ADDRESS:PORT or [ADDRESS]:PORT") }
    var host = text[..<colon]
    if host.hasPrefix("[") && host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    try self.init(String(host), port) { "[\($0)]:\(port)" }
  }

  private static func index(ofZone zone: String, _ host: String) throws(BenchError) -> UInt32 {
    if let index = UInt32(zone) {
      var name = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
      if unsafe if_indextoname(index, &name) != nil { return index }
    } else if case let index = unsafe if_nametoindex(zone), index != 0 {
      return index
    }
    throw BenchError("\(host): no interface \"\(zone)\" is in this network namespace")
  }

  private static func withoutZone(_ address: Substring, _ spell: (String) -> String)
    -> BenchError
  {
    let names = linkLocalInterfaces(LiveKernel())
    return BenchError(
      "the link-local address \(address) needs a zone, its interface",
      hint: "use \(spell("\(address)%\(names.first ?? "IFACE")"))"
        + (names.count > 1 ? "; interfaces: \(names.joined(separator: ", "))" : ""))
  }

  /// Interfaces of this network namespace with a link-local address.
  static func linkLocalInterfaces(_ kernel: some Kernel) -> [String] {
    let addresses = (try? Host(kernel).ipv6Addresses()) ?? []
    return addresses.filter(\.isLinkLocal).map(\.device).reduce(into: []) { names, name in
      if !names.contains(name) { names.append(name) }
    }
  }

  package var description: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

  package var isLoopback: Bool {
    isIPv6 ? network.dropLast().allSatisfy { $0 == 0 } && network.last == 1 : network.first == 127
  }

  var family: Int32 { isIPv6 ? AF_INET6 : AF_INET }

  /// Is it an address of this network namespace? To its own addresses a host connects from the
  /// same ones.
  var isLocal: Bool {
    if isLoopback { return true }
    let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    guard unsafe withSockaddr({ unsafe connect(descriptor, $0, $1) }) == 0 else { return false }
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      let raw = UnsafeMutableRawPointer(pointer)
      let code = unsafe getsockname(
        descriptor, raw.assumingMemoryBound(to: sockaddr.self), &length)
      let offset = isIPv6 ? 8 : 4
      let name = unsafe UnsafeRawBufferPointer(start: raw + offset, count: network.count)
      return unsafe code == 0 && name.elementsEqual(network)
    }
  }

  /// `struct sockaddr_in` or `sockaddr_in6`.
  var bytes: [UInt8] {
    let family = UInt16(clamping: family)
    let head = [
      UInt8(truncatingIfNeeded: family), UInt8(truncatingIfNeeded: family >> 8),
      UInt8(truncatingIfNeeded: port >> 8), UInt8(truncatingIfNeeded: port),
    ]
    guard isIPv6 else { return head + network + [UInt8](repeating: 0, count: 8) }
    let scopeBytes = (0..<4).map { UInt8(truncatingIfNeeded: scope >> (8 * $0)) }
    return head + [0, 0, 0, 0] + network + scopeBytes
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
