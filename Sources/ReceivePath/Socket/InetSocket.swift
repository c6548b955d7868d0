package import KernelIO
package import Netlink
package import Notation

/// A TCP listener or a UDP socket as sock_diag tells it (sock_diag(7), linux/inet_diag.h).
///
/// sock_diag shows the sockets of the network namespace that it is asked in.
package struct InetSocket: Hashable, Sendable {
  package enum TransportProtocol: UInt8, Sendable, Hashable {
    case tcp = 6
    case udp = 17

    package var name: String { self == .tcp ? "tcp" : "udp" }
  }

  package enum Family: UInt8, Sendable, Hashable, CaseIterable {
    case ipv4 = 2
    case ipv6 = 10

    /// For errors.
    fileprivate var name: String { self == .ipv4 ? "ipv4" : "ipv6" }
  }

  package var transport: TransportProtocol
  package var family: Family
  package var state: UInt8
  package var address: IPAddress
  package var port: UInt16
  /// Of a connected UDP socket; nil for others.
  package var peer: Peer?
  /// The device that it is bound to (SO_BINDTODEVICE); nil without one.
  package var interface: UInt32?
  /// A listener's accept queue now; bytes to be read from a UDP socket.
  package var receiveQueue: UInt32
  /// A listener's limit, min(listen(2)'s backlog, somaxconn); a UDP socket's bytes to be sent.
  package var sendQueue: UInt32
  package var uid: UInt32
  /// What /proc/PID/fd shows as "socket:[inode]".
  package var inode: UInt32
  /// Unlike an inode never used again before the next boot.
  package var cookie: UInt64
  /// IPV6_V6ONLY: false takes IPv4 too. nil for IPv4 sockets, and connected ones.
  package var isIPv6Only: Bool?
  package var memory: SocketMemory?

  package struct Peer: Hashable, Sendable {
    package var address: IPAddress
    package var port: UInt16
  }
}

/// A socket's memory, in bytes (INET_DIAG_SKMEMINFO, linux/sock_diag.h).
package struct SocketMemory: Hashable, Sendable {
  /// Received and not yet read, with the kernel's overhead.
  package var receiveAllocated: UInt32
  /// SO_RCVBUF, doubled by the kernel.
  package var receiveBuffer: UInt32
  /// Arrived while a process held the socket.
  package var backlog: UInt32
  /// Packets (of a listener: connections) that the socket had no room for; nil before 4.7. 32 bits
  /// that wrap.
  package var drops: UInt32?

  private enum Index {
    static let receiveAllocated = 0
    static let receiveBuffer = 1
    static let backlog = 7
    static let drops = 8
  }

  package init(decoding attribute: Attribute) throws(DecodeError) {
    let values = try attribute.u32Array()
    guard values.count > Index.backlog else {
      throw DecodeError(
        attribute.path, offset: 0, "\(values.count) values where at least 8 are due")
    }
    receiveAllocated = values[Index.receiveAllocated]
    receiveBuffer = values[Index.receiveBuffer]
    backlog = values[Index.backlog]
    drops = values.count > Index.drops ? values[Index.drops] : nil
  }
}

// MARK: - Decode

extension InetSocket {
  private enum Key: UInt16 {
    case memory = 7
    case isIPv6Only = 11
  }

  /// SOCK_DIAG_BY_FAMILY, and `struct inet_diag_msg`.
  fileprivate static let byFamily: UInt16 = 20
  private static let headerSize = 72

  package init(
    decoding message: NetlinkMessage, _ transport: TransportProtocol
  ) throws(DecodeError) {
    let context = "\(transport.name) socket"
    guard message.type == Self.byFamily else {
      throw DecodeError(context, offset: 0, "message type \(message.type), not an inet_diag_msg")
    }
    var reader = ByteReader(message.payload, context)
    let number: UInt8 = try reader.integer("family")
    guard let family = Family(rawValue: number) else {
      throw DecodeError(context, offset: 0, "address family \(number)")
    }
    self.transport = transport
    self.family = family
    state = try reader.integer("state")
    try reader.skip(2, "timer and retransmits")
    port = try reader.networkPort("source port")
    let peerPort = try reader.networkPort("destination port")
    address = try reader.address(family, "source")
    let peerAddress = try reader.address(family, "destination")
    peer = peerPort == 0 ? nil : Peer(address: peerAddress, port: peerPort)
    let device: UInt32 = try reader.integer("interface")
    interface = device == 0 ? nil : device
    let (low, high): (UInt32, UInt32) = (
      try reader.integer("cookie"), try reader.integer("cookie")
    )
    cookie = UInt64(high) << 32 | UInt64(low)
    try reader.skip(4, "expires")
    receiveQueue = try reader.integer("rqueue")
    sendQueue = try reader.integer("wqueue")
    uid = try reader.integer("uid")
    inode = try reader.integer("inode")

    let attributes = try message.attributes(after: Self.headerSize, context)
    isIPv6Only = try (attributes[Key.isIPv6Only]?.u8()).map { $0 != 0 }
    memory = try attributes[Key.memory].map { (memory) throws(DecodeError) in
      try SocketMemory(decoding: memory)
    }
  }
}

extension ByteReader {
  fileprivate mutating func networkPort(_ what: String) throws(DecodeError) -> UInt16 {
    UInt16(bigEndian: try integer(what))
  }

  /// 16 bytes, of which IPv4 uses the first 4.
  fileprivate mutating func address(
    _ family: InetSocket.Family, _ what: String
  ) throws(DecodeError) -> IPAddress {
    let bytes = try take(16, what)
    guard let address = IPAddress(bytes: bytes.prefix(family == .ipv4 ? 4 : 16)) else {
      throw DecodeError(what, offset: 0, "no address")
    }
    return address
  }
}

// MARK: - Read

extension Host {
  /// TCP sockets that listen, IPv4 and IPv6.
  package func listeners() throws(KernelError) -> [InetSocket] {
    try inetSockets(.tcp, states: 1 << 10)
  }

  /// All UDP sockets, connected or not, IPv4 and IPv6.
  package func udpSockets() throws(KernelError) -> [InetSocket] {
    try inetSockets(.udp, states: .max)
  }

  private func inetSockets(
    _ transport: InetSocket.TransportProtocol, states: UInt32
  ) throws(KernelError) -> [InetSocket] {
    var sockets = try inetSockets(transport, .ipv4, states: states)
    do { sockets += try inetSockets(transport, .ipv6, states: states) } catch {
      // A kernel without IPv6.
      guard error.kind == .absent || error.kind == .notSupported else { throw error }
    }
    // A dump that the table changed under may tell a socket twice.
    var seen: Set<UInt64> = []
    return sockets.filter { seen.insert($0.cookie).inserted }
  }

  private func inetSockets(
    _ transport: InetSocket.TransportProtocol, _ family: InetSocket.Family, states: UInt32
  ) throws(KernelError) -> [InetSocket] {
    let request = NetlinkRequest(
      .sockDiag, type: InetSocket.byFamily, flags: .dump,
      payload: InetSocket.request(transport, family, states: states),
      subject: "\(transport.name) sockets of \(family.name)")
    let replies = try kernel.netlink(request)
    return try decoding(request.subject) { () throws(DecodeError) in
      try replies.map { (reply) throws(DecodeError) in
        try InetSocket(decoding: reply, transport)
      }
    }
  }
}

extension InetSocket {
  /// `struct inet_diag_req_v2`, asking for INET_DIAG_SKMEMINFO.
  fileprivate static func request(
    _ transport: TransportProtocol, _ family: Family, states: UInt32
  ) -> [UInt8] {
    let extensions = UInt8(1 << (Key.memory.rawValue - 1))
    return [family.rawValue, transport.rawValue, extensions, 0] + hostBytes(states)
      + [UInt8](repeating: 0, count: 48)
  }
}
