import CKernel
import Glibc
package import Netlink
import Notation

/// The machine that rxtune runs on.
///
/// Sockets are opened at the first question that needs them, so a command pays for what it asks.
package final class LiveKernel: Kernel {
  private let procRoot: String
  private let sysRoot: String
  private let devRoot: String
  private var netlinkSockets: [(bus: NetlinkProtocol, socket: NetlinkSocket)] = []
  private var ioctlSocket: IoctlSocket?
  /// Reused for every answer. It grows with files (/proc/interrupts of a large host is megabytes);
  /// dumps come in messages of up to 32 KiB, but a single reply may be longer (an RSS table of a
  /// large device), and must fit.
  private var buffer = uninitialized(256 << 10)

  package init(procRoot: String = "/proc", sysRoot: String = "/sys", devRoot: String = "/dev") {
    self.procRoot = procRoot
    self.sysRoot = sysRoot
    self.devRoot = devRoot
  }

  private func absolute(_ path: KernelPath) -> String {
    switch path.root {
    case .proc: procRoot + "/" + path.relative
    case .sys: sysRoot + "/" + path.relative
    case .dev: devRoot + "/" + path.relative
    }
  }

  package func read(_ path: KernelPath) throws(KernelError) -> [UInt8] {
    try KernelTrace.noted("read", path.description, { [] }, { KernelTrace.lines($0) }) {
      () throws(KernelError) in
      try readWhole(path)
    }
  }

  private func readWhole(_ path: KernelPath) throws(KernelError) -> [UInt8] {
    do throws(Errno) {
      let file = try Descriptor(absolute(path), O_RDONLY)
      var count = 0
      while true {
        if count == buffer.count { buffer += uninitialized(buffer.count) }
        let got = unsafe buffer.withUnsafeMutableBytes { space in
          unsafe Glibc.read(
            file.raw, space.baseAddress.map { unsafe $0 + count }, space.count - count)
        }
        if got < 0 {
          if errno == EINTR { continue }
          throw Errno(rawValue: errno)
        }
        count += got
        if got == 0 || (got < 4096 && Self.comesWhole(path)) { break }
      }
      return Array(buffer[..<count])
    } catch {
      throw KernelError("read", path.description, error)
    }
  }

  /// A file of one value comes in one read of up to a page: all of sysfs, sysctls, and what
  /// /proc/irq tells of an interrupt. Tables of /proc may come in pieces.
  private static func comesWhole(_ path: KernelPath) -> Bool {
    switch path.root {
    case .sys: true
    case .proc: path.relative.hasPrefix("sys/") || path.relative.hasPrefix("irq/")
    case .dev: false
    }
  }

  package func write(_ path: KernelPath, _ bytes: [UInt8]) throws(KernelError) {
    try KernelTrace.noted("write", path.description, { KernelTrace.lines(bytes) }, { _ in [] }) {
      () throws(KernelError) in
      try writeOnce(path, bytes)
    }
  }

  private func writeOnce(_ path: KernelPath, _ bytes: [UInt8]) throws(KernelError) {
    do throws(Errno) {
      let file = try Descriptor(absolute(path), O_WRONLY)
      let put = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(file.raw, $0.baseAddress, $0.count)
      }
      guard put >= 0 else { throw Errno(rawValue: errno) }
      // A part taken is a value other than the one asked for.
      guard put == bytes.count else { throw Errno.io }
    } catch {
      throw KernelError("write", path.description, error)
    }
  }

  package func list(_ path: KernelPath) throws(KernelError) -> [String] {
    try KernelTrace.noted("list", path.description, { [] }, { $0 }) { () throws(KernelError) in
      try names(in: path)
    }
  }

  private func names(in path: KernelPath) throws(KernelError) -> [String] {
    guard let directory = unsafe opendir(absolute(path)) else {
      throw KernelError("list", path.description, Errno(rawValue: errno))
    }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: unsafe [UInt8]($0.prefix { $0 != 0 }), as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  package func readLink(_ path: KernelPath) throws(KernelError) -> String {
    var target = [CChar](repeating: 0, count: 4096)
    let count = unsafe readlink(absolute(path), &target, target.count)
    guard count >= 0 else {
      throw KernelError("readlink", path.description, Errno(rawValue: errno))
    }
    return String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  package func mode(_ path: KernelPath) throws(KernelError) -> UInt16 {
    UInt16(truncatingIfNeeded: try status(path).st_mode & 0o7777)
  }

  package func inode(_ path: KernelPath) throws(KernelError) -> UInt64 {
    UInt64(try status(path).st_ino)
  }

  private func status(_ path: KernelPath) throws(KernelError) -> stat {
    var status = stat()
    guard unsafe stat(absolute(path), &status) == 0 else {
      throw KernelError("stat", path.description, Errno(rawValue: errno))
    }
    return status
  }

  package func netlink(_ request: NetlinkRequest) throws(KernelError) -> [NetlinkMessage] {
    let socket: NetlinkSocket
    if let open = netlinkSockets.first(where: { $0.bus == request.bus }) {
      socket = open.socket
    } else {
      do { socket = try NetlinkSocket(request.bus) } catch {
        throw KernelError("netlink", request.subject, error)
      }
      netlinkSockets.append((request.bus, socket))
    }
    return try KernelTrace.noted(
      "netlink", request.subject, { KernelTrace.lines(request) }, { KernelTrace.lines($0) }
    ) { () throws(KernelError) in
      try socket.exchange(request, into: &buffer)
    }
  }

  package func ethtool(_ device: String, _ data: [UInt8]) throws(KernelError) -> [UInt8] {
    let place = ethtoolPlace(device, data)
    let socket: IoctlSocket
    if let open = ioctlSocket {
      socket = open
    } else {
      do { socket = try IoctlSocket() } catch {
        throw KernelError("SIOCETHTOOL", place, error)
      }
      ioctlSocket = socket
    }
    return try KernelTrace.noted(
      "SIOCETHTOOL", place, { [Hex.text(data)] }, { [Hex.text($0)] }
    ) { () throws(KernelError) in
      try Self.ioctl(socket, device, data, place)
    }
  }

  private static func ioctl(
    _ socket: IoctlSocket, _ device: String, _ data: [UInt8], _ place: String
  ) throws(KernelError) -> [UInt8] {
    var data = data
    let code = unsafe data.withUnsafeMutableBytes {
      unsafe rxtune_ethtool_ioctl(socket.descriptor.raw, device, $0.baseAddress)
    }
    guard code == 0 else { throw KernelError("SIOCETHTOOL", place, Errno(rawValue: code)) }
    return data
  }
}

/// Space that the kernel fills before anyone reads it: pages that stay empty are never touched.
func uninitialized(_ count: Int) -> [UInt8] {
  unsafe [UInt8](unsafeUninitializedCapacity: count) { $1 = count }
}

/// Any socket does to reach SIOCETHTOOL; this one binds to nothing.
private final class IoctlSocket {
  let descriptor: Descriptor
  init() throws(Errno) {
    descriptor = try Descriptor(socket: AF_INET, Int32(SOCK_DGRAM.rawValue))
  }
}
