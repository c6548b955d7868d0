import CKernel
import Glibc
import KernelIO

/// The sockets that a server listens on: one, or one a worker.
final class Listener {
  private(set) var descriptors: [Int32] = []
  let port: UInt16

  init(_ options: ServerOptions) throws(BenchError) {
    let service = options.mode.service(options.exchange.workload)
    let blocks = service?.blocks ?? false
    var address = try SocketAddress(host: options.host, port: options.port)
    let stream = options.exchange.workload.isStream
    var port = options.port
    for index in 0..<(options.mode.isGroup ? options.workers : 1) {
      address.port = port
      let descriptor: Int32
      do {
        descriptor = try Self.open(address, options, first: index == 0)
      } catch {
        for open in descriptors { Glibc.close(open) }
        throw error
      }
      descriptors.append(descriptor)
      if port == 0 { port = Self.localPort(descriptor) }
    }
    self.port = port
    do throws(BenchError) {
      try steer(options)
      // Only a complete group may listen: a connection hashed to three sockets would be lost
      // to the fourth.
      if blocks { for descriptor in descriptors { try Self.limitReceive(descriptor) } }
      if stream { try listen(options, address, blocking: blocks) }
      if service?.joinsFIN == true {
        // Accepted sockets inherit it; listen(2) takes it back.
        for descriptor in descriptors {
          try Self.set(descriptor, Int32(IPPROTO_TCP), TCP_QUICKACK, 0, "TCP_QUICKACK")
        }
      }
    } catch {
      close()
      throw error
    }
  }

  func close() {
    for descriptor in descriptors { Glibc.close(descriptor) }
    descriptors = []
  }

  private static func open(_ address: SocketAddress, _ options: ServerOptions, first: Bool)
    throws(BenchError) -> Int32
  {
    let stream = options.exchange.workload.isStream
    let type = stream ? Int32(SOCK_STREAM.rawValue) : Int32(SOCK_DGRAM.rawValue)
    let descriptor = socket(address.family, type | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw BenchError.last("socket for \(address)") }
    do throws(BenchError) {
      if stream { try set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR") }
      if options.mode.isGroup {
        // Without this check a group would be joined that another process of ours opened.
        if first && address.port != 0 { try refuseTaken(address, type) }
        try set(descriptor, SOL_SOCKET, Int32(RXTUNE_SO_REUSEPORT), 1, "SO_REUSEPORT")
      }
      let code = unsafe address.withSockaddr { unsafe bind(descriptor, $0, $1) }
      guard code == 0 else { throw bindError(address) }
      return descriptor
    } catch {
      Glibc.close(descriptor)
      throw error
    }
  }

  static func bindError(_ address: SocketAddress) -> BenchError {
    let number = Errno(rawValue: errno)
    let hint: String? =
      switch number.rawValue {
      case EADDRINUSE: "another process listens there; choose another --port, or 0 for any"
      case EADDRNOTAVAIL: "no interface of this network namespace has that address"
      case EACCES: "ports below net.ipv4.ip_unprivileged_port_start need root"
      default: nil
      }
    return BenchError("bind \(address)", number, hint: hint)
  }

  private static func refuseTaken(_ address: SocketAddress, _ type: Int32) throws(BenchError) {
    let probe = socket(address.family, type | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard probe >= 0 else { throw BenchError.last("socket for \(address)") }
    defer { Glibc.close(probe) }
    if type == Int32(SOCK_STREAM.rawValue) {
      try set(probe, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR")
    }
    let code = unsafe address.withSockaddr { unsafe bind(probe, $0, $1) }
    guard code == 0 else { throw bindError(address) }
  }

  private func steer(_ options: ServerOptions) throws(BenchError) {
    guard let first = descriptors.first, let steering = options.mode.steering else { return }
    let cpus = (0..<options.workers).map { Int32(clamping: options.cpu(of: $0) ?? 0) }
    let code = steering.attach(first, cpus)
    guard code == 0 else {
      throw BenchError(
        "\(options.mode.name): attach the steering program", Errno(rawValue: code),
        hint: code == EPERM ? steering.privilege : nil)
    }
  }

  private func listen(_ options: ServerOptions, _ address: SocketAddress, blocking: Bool)
    throws(BenchError)
  {
    for descriptor in descriptors {
      if !blocking {
        let flags = fcntl(descriptor, F_GETFL)
        guard fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 else {
          throw BenchError.last("fcntl O_NONBLOCK")
        }
      }
      // Accepted sockets inherit it: a response leaves at once.
      try Self.set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1, "TCP_NODELAY")
      guard Glibc.listen(descriptor, options.backlog) == 0 else {
        throw Self.bindError(address)
      }
    }
  }

  /// Accepted sockets inherit the limit.
  static func limitReceive(_ descriptor: Int32, milliseconds: Int = 100) throws(BenchError) {
    var limit = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
    let code = unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    guard code == 0 else { throw BenchError.last("SO_RCVTIMEO") }
  }

  static func set(
    _ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32, _ name: String
  ) throws(BenchError) {
    var value = value
    guard unsafe setsockopt(descriptor, level, option, &value, 4) == 0 else {
      throw BenchError.last(name)
    }
  }

  static func localPort(_ descriptor: Int32) -> UInt16 {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      let raw = UnsafeMutableRawPointer(pointer)
      unsafe getsockname(descriptor, raw.assumingMemoryBound(to: sockaddr.self), &length)
      // sin_port and sin6_port lie at the same place, in network order.
      return unsafe UInt16(bigEndian: raw.load(fromByteOffset: 2, as: UInt16.self))
    }
  }
}
