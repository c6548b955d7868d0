import Glibc

/// What started this process as a service, where it wants to know how that goes (sd_notify(3)).
package enum ServiceManager {
  /// "READY=1" to the socket that NOTIFY_SOCKET names; nothing where there is none. Whoever named it
  /// has to do without where it cannot be reached, as of any other service.
  package static func tellReady() {
    guard let name = Console.environment("NOTIFY_SOCKET"), let first = name.utf8.first,
      [UInt8(ascii: "/"), UInt8(ascii: "@")].contains(first)
    else { return }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var path = Array(name.utf8)
    // An abstract name begins with a NUL, and has none at its end.
    if first == UInt8(ascii: "@") { path[0] = 0 } else { path.append(0) }
    let length = MemoryLayout.offset(of: \sockaddr_un.sun_path) ?? 2
    guard path.count <= MemoryLayout.size(ofValue: address.sun_path),
      let socket = try? Descriptor(socket: AF_UNIX, Int32(SOCK_DGRAM.rawValue))
    else { return }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path) }
    let state = Array("READY=1".utf8)
    _ = unsafe withUnsafePointer(to: &address) { address in
      unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe state.withUnsafeBytes {
          unsafe sendto(
            socket.raw, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL), address,
            socklen_t(length + path.count))
        }
      }
    }
  }
}
