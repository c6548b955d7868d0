import Glibc
import KernelIO
import TestSupport

@testable import Scaling

/// A veth pair between two network namespaces, with a server at one end and a client at the other:
/// the calling thread is the client's.
struct ServedLink {
  static let isAvailable = NetworkNamespace.isAvailable
  static let device = "v0"
  static let serverAddress = "198.18.0.1"
  static let clientAddress = "198.18.0.2"

  private let serverNamespace: Int32

  /// - Parameters:
  ///   - serve: run at the server's end, once both ends are up. Threads are to be started and joined
  ///     in `body`: a thread that has begun others cannot leave its mount namespace.
  static func run<Value>(
    queues: Int = 1, mtu: Int = 1500, serve: () throws -> Value,
    _ body: (ServedLink, Value) throws -> Void
  ) throws {
    try NetworkNamespace.run { client in
      let home = unsafe open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
      defer { close(home) }
      let (link, served) = try NetworkNamespace.run { server in
        let link = ServedLink(
          serverNamespace: unsafe open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC))
        let counts = "numrxqueues \(queues) numtxqueues \(queues)"
        try server.shell(
          """
          ip link add \(device) mtu \(mtu) \(counts) type veth peer name c0 mtu \(mtu) \(counts) \
          netns /proc/\(getpid())/fd/\(home) && \
          ip addr add \(serverAddress)/24 dev \(device) && ip link set \(device) up
          """)
        try client.shell(
          """
          nsenter --net=/proc/\(getpid())/fd/\(home) sh -c \
          'ip addr add \(clientAddress)/24 dev c0 && ip link set c0 up'
          """)
        return (link, try serve())
      }
      defer { close(link.serverNamespace) }
      try body(link, served)
    }
  }

  /// Runs a command at the server's end.
  @discardableResult func atServer(_ command: String) throws -> String {
    try Shell.run("nsenter --net=/proc/\(getpid())/fd/\(serverNamespace) \(command)")
  }
}

/// A UDP client that sends one request at a time.
final class DatagramClient {
  private let descriptor: Int32

  init(to port: UInt16, at host: String = ServedLink.serverAddress) throws {
    descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    let address = try SocketAddress(host: host, port: port)
    try Listener.limitReceive(descriptor, milliseconds: 1000)
    guard unsafe address.withSockaddr({ unsafe connect(descriptor, $0, $1) }) == 0 else {
      throw BenchError.last("connect")
    }
  }

  deinit { close(descriptor) }

  func send(_ request: [UInt8]) -> Bool {
    unsafe Glibc.send(descriptor, request, request.count, 0) == request.count
  }

  /// What comes back, or the errno.
  func ask(_ request: [UInt8]) -> Result<[UInt8], Errno> {
    guard send(request) else { return .failure(Errno(rawValue: errno)) }
    var space = [UInt8](repeating: 0, count: 65_536)
    let got = unsafe recv(descriptor, &space, space.count, 0)
    return got < 0 ? .failure(Errno(rawValue: errno)) : .success(Array(space[..<got]))
  }
}
