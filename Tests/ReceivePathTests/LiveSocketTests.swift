import Glibc
import KernelIO
import Netlink
import Notation
import TestSupport
import TestTraits
import Testing

@testable import ReceivePath

/// A socket of the test, closed when it goes.
private final class TestSocket {
  let descriptor: Int32

  init(_ kind: __socket_type, nonBlocking: Bool = false) throws {
    let flags = Int32(kind.rawValue) | (nonBlocking ? Int32(SOCK_NONBLOCK.rawValue) : 0)
    descriptor = socket(AF_INET, flags | Int32(SOCK_CLOEXEC.rawValue), 0)
    try #require(descriptor >= 0)
  }

  deinit { close(descriptor) }

  func set(_ option: Int32, _ value: Int32) throws {
    var value = value
    try #require(unsafe setsockopt(descriptor, SOL_SOCKET, option, &value, 4) == 0)
  }

  /// A port of 127.0.0.1; 0 lets the kernel choose, and is answered.
  func bind(_ port: UInt16 = 0) throws -> UInt16 {
    var address = Self.loopback(port)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    try unsafe withUnsafeMutablePointer(to: &address) { pointer in
      try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
        try #require(unsafe Glibc.bind(descriptor, raw, length) == 0)
        try #require(unsafe getsockname(descriptor, raw, &length) == 0)
      }
    }
    return UInt16(bigEndian: address.sin_port)
  }

  /// Starts to connect; a non-blocking socket does not wait for the outcome.
  func connect(_ port: UInt16) {
    var address = Self.loopback(port)
    _ = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
        unsafe Glibc.connect(descriptor, raw, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  func send(_ count: Int) {
    let bytes = [UInt8](repeating: 0, count: count)
    _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, 0) }
  }

  static func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
  }
}

@Suite(
  "Sockets of this kernel", .ownThread,
  .enabled(if: NetworkNamespace.isAvailable, "needs root, for a network namespace"))
struct LiveSocketTests {
  /// Four listeners with room for two connections each, and 60 clients that nobody accepts.
  @Test func anOverflowedReusePortGroup() throws {
    try NetworkNamespace.run { namespace in
      let host = Host(LiveKernel())
      let before = try host.protocolCounters()
      var listeners: [TestSocket] = []
      var port: UInt16 = 0
      for _ in 0..<4 {
        let listener = try TestSocket(SOCK_STREAM)
        try listener.set(SO_REUSEPORT, 1)
        port = try listener.bind(port)
        try #require(listen(listener.descriptor, 1) == 0)
        listeners.append(listener)
      }
      let clients = try (0..<60).map { _ in try TestSocket(SOCK_STREAM, nonBlocking: true) }
      for client in clients { client.connect(port) }

      let groups = ListenerGroup.groups(try host.listeners())
      #expect(groups.count == 1)
      let group = try #require(groups.first)
      #expect(group.members.count == 4)
      #expect(group.key.port == port && group.key.address == IPAddress("127.0.0.1"))
      #expect(Set(group.members.map(\.inode)).count == 4)
      // A queue of one admits two.
      #expect(group.limit == 4 && group.queued == 8)
      #expect(group.queueSkew == 1)
      let drops = try #require(group.drops)
      #expect(drops > 0 && group.dropSkew != nil)

      let after = try host.protocolCounters()
      func difference(_ name: String) -> UInt64? {
        guard let from = before[name], let to = after[name] else { return nil }
        return to &- from
      }
      // Clients try again while this runs, so the counters may be ahead of the sockets' reading.
      #expect(try #require(difference("TcpExtListenOverflows")) >= drops)
      #expect(try #require(difference("TcpExtListenDrops")) >= drops)

      // This process is the first, by number, that holds the sockets.
      let owners = try host.socketOwners(group.members.map(\.inode))
      for member in group.members { #expect(owners[member.inode].value?.pid == Int(getpid())) }
      try compareWithSs(namespace, "-ltnm", group.members)
      #expect(listeners.count + clients.count == 64)
    }
  }

  @Test func aUDPSocketWithDrops() throws {
    try NetworkNamespace.run { namespace in
      let host = Host(LiveKernel())
      let receiver = try TestSocket(SOCK_DGRAM)
      try receiver.set(SO_RCVBUF, 4096)
      let port = try receiver.bind()
      let sender = try TestSocket(SOCK_DGRAM)
      sender.connect(port)
      for _ in 0..<100 { sender.send(512) }

      let sockets = try host.udpSockets()
      #expect(sockets.count == 2)
      let full = try #require(sockets.first { $0.port == port && $0.peer == nil })
      let memory = try #require(full.memory)
      #expect(memory.receiveBuffer == 8192)
      #expect(memory.receiveAllocated > 0 && full.receiveQueue > 0)
      let drops = try #require(memory.drops)
      #expect(drops > 0 && drops < 100)
      let counters = try host.protocolCounters()
      #expect(counters["UdpRcvbufErrors"] == UInt64(drops))
      let other = try #require(sockets.first { $0.peer != nil })
      #expect(other.peer?.port == port && other.memory?.drops == 0)
      // The drops column of /proc/net/udp is the same number.
      let rows = try host.kernel.text(.proc("net/udp")).split(separator: "\n").dropFirst()
        .map { $0.split(separator: " ") }
      let row = try #require(rows.first { $0.count > 12 && $0[9] == "\(full.inode)" })
      #expect(row[12] == "\(drops)")
      try compareWithSs(namespace, "-uanm", [full])
      #expect(receiver.descriptor != sender.descriptor)
    }
  }

  /// More rows than one datagram of the answer holds.
  @Test func aDumpOfManyListeners() throws {
    try NetworkNamespace.run { namespace in
      let host = Host(LiveKernel())
      var ports: Set<UInt16> = []
      let listeners = try (0..<500).map { _ in try TestSocket(SOCK_STREAM) }
      for listener in listeners {
        ports.insert(try listener.bind())
        try #require(listen(listener.descriptor, 5) == 0)
      }
      let found = try host.listeners()
      #expect(found.count == listeners.count)
      #expect(Set(found.map(\.port)) == ports)
      #expect(ListenerGroup.groups(found).count == listeners.count)
      let owners = try host.socketOwners(found.map(\.inode))
      #expect(found.allSatisfy { owners[$0.inode].value?.pid == Int(getpid()) })
    }
  }

  @Test func dualStackAndIPv6OnlyAreTold() throws {
    try NetworkNamespace.run { namespace in
      let host = Host(LiveKernel())
      var descriptors: [Int32] = []
      defer { for descriptor in descriptors { close(descriptor) } }
      for only: Int32 in [0, 1] {
        let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
        descriptors.append(descriptor)
        var only = only
        try #require(
          unsafe setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &only, 4) == 0)
        try #require(listen(descriptor, 7) == 0)
      }
      let listeners = try host.listeners()
      #expect(listeners.map(\.family) == [.ipv6, .ipv6])
      #expect(Set(listeners.map(\.isIPv6Only)) == [false, true])
      #expect(listeners.allSatisfy { $0.address == IPAddress("::") && $0.sendQueue == 7 })
    }
  }

  /// "LISTEN 2 1 127.0.0.1:4711 0.0.0.0:* skmem:(r0,rb131072,t0,tb16384,f0,w0,o0,bl0,d12)"
  private func compareWithSs(
    _ namespace: NetworkNamespace, _ options: String, _ sockets: [InetSocket]
  ) throws {
    guard Machine.has("ss") else { return }
    let rows = try namespace.shell("ss -H -O -e \(options)")
      .split(separator: "\n").map { $0.split(separator: " ") }
    for socket in sockets {
      let row = try #require(rows.first { $0.contains("ino:\(socket.inode)") })
      #expect(row[1] == "\(socket.receiveQueue)" && row[2] == "\(socket.sendQueue)")
      #expect(row[3] == "\(socket.address):\(socket.port)")
      let memory = try #require(socket.memory)
      let skmem = try #require(row.first { $0.hasPrefix("skmem:(") }).dropFirst(7).dropLast()
        .split(separator: ",")
      #expect(skmem[0] == "r\(memory.receiveAllocated)" && skmem[1] == "rb\(memory.receiveBuffer)")
      let drops = try #require(skmem.last.flatMap { UInt32($0.dropFirst(1)) })
      // Clients of a listener go on trying.
      #expect(drops >= memory.drops ?? 0)
      if socket.transport == .udp { #expect(drops == memory.drops) }
    }
  }
}
