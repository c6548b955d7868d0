import Notation
package import ReceivePath

/// A socket in an examination: as it is now, and as it was.
package struct SocketView: Sendable {
  package let socket: InetSocket
  /// The same socket before; a cookie is never used again.
  package let earlier: InetSocket?
  package let owner: SocketOwner?
  package let drops: Trend

  package var isIPv6: Bool { socket.address.isIPv6 }

  /// "udp 0.0.0.0:53", "tcp [::]:443"
  package var name: String {
    "\(socket.transport.name) \(socket.address.endpoint(socket.port))"
  }

  /// " (named, pid 71)"; empty where it is not known.
  package var holder: String { owner.map { " (\($0.command ?? "?"), pid \($0.pid))" } ?? "" }

  /// Nine tenths of the buffer taken: the next burst does not fit.
  package var isFull: Bool { Self.isFull(socket.memory) }
  package var wasFull: Bool { Self.isFull(earlier?.memory) }

  private static func isFull(_ memory: SocketMemory?) -> Bool {
    guard let memory, memory.receiveBuffer > 0 else { return false }
    return UInt64(memory.receiveAllocated) * 10 >= UInt64(memory.receiveBuffer) * 9
  }
}

extension Examination {
  package var udpSockets: [SocketView] { views { $0.udp } }
  package var listeners: [SocketView] { views { $0.listeners } }

  private func views(
    _ groups: (SocketSnapshot) -> Reading<[ListenerGroup]>
  ) -> [SocketView] {
    func members(_ snapshot: HostSnapshot?) -> [InetSocket] {
      (snapshot?.sockets).flatMap { groups($0).value?.flatMap(\.members) } ?? []
    }
    let before = Dictionary(
      members(earlier).map { ($0.cookie, $0) }, uniquingKeysWith: { first, _ in first })
    return members(now).map { socket in
      let old = before[socket.cookie]
      let drops = trend(
        of: "sk_drops", from: old?.memory?.drops, to: socket.memory?.drops)
      return SocketView(
        socket: socket, earlier: old, owner: now.sockets?.owners[socket.inode].value, drops: drops)
    }
  }
}
