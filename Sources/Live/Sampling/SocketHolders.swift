import ReceivePath

/// Who holds which socket, by the socket's cookie: looked for once, after the socket first shows.
struct SocketHolders {
  /// nil inside: nobody that can be seen.
  private var known: [UInt64: SocketOwner?] = [:]
  /// MonotonicClock, of the last search.
  private var searched: UInt64?

  /// Nanoseconds: a search looks at each file that each process has open, and comes no sooner.
  private static let pause: UInt64 = 10_000_000_000

  /// Looks for the holders of those of `sockets` that are new, unless it did so a moment ago.
  mutating func search(_ sockets: [InetSocket], _ host: Host, at now: UInt64) {
    let new = sockets.filter { known.index(forKey: $0.cookie) == nil }
    if new.isEmpty { return }
    if let searched, now &- searched < Self.pause { return }
    searched = now
    let present = Set(sockets.map(\.cookie))
    known = known.filter { present.contains($0.key) }
    let owners = try? host.socketOwners(new.map(\.inode))
    for socket in new { known.updateValue(owners?[socket.inode].value, forKey: socket.cookie) }
  }

  subscript(socket: InetSocket) -> SocketOwner? { known[socket.cookie] ?? nil }
}
