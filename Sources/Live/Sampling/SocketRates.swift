import Notation
import ReceivePath

/// The sockets on one address and port between two samples: one, or an SO_REUSEPORT group.
package struct SocketRates: Hashable, Sendable {
  package var transport: Sample.Socket.Transport
  package var address: String
  package var port: UInt16
  package var members: Int
  /// Over all members now: connections that wait to be accepted, bytes that wait to be read.
  package var queued: UInt64
  /// nil where the kernel does not tell.
  package var limit: UInt64?
  /// How full the fullest member is: 1 is its limit.
  package var fullest: Double?
  /// Connections or packets a second that it had no room for; nil before 4.7.
  package var drops: Double?
  /// Since they were made, those that are open still.
  package var dropped: UInt64?
  /// The member that drops most against the mean; nil for one alone, and without drops.
  package var skew: Double?
  /// Commands of the processes that hold them, as far as they can be seen: "nginx".
  package var process: String?
  /// The process, where one holds them all.
  package var pid: Int?

  private struct Key: Hashable {
    var transport: Sample.Socket.Transport
    var address: String
    var port: UInt16
    var interface: UInt32?
    var uid: UInt32
    var isIPv6Only: Bool?

    init(_ socket: Sample.Socket) {
      transport = socket.transport
      address = socket.address
      port = socket.port
      interface = socket.interface
      uid = socket.uid
      isIPv6Only = socket.isIPv6Only
    }
  }

  static func all(_ sockets: [Sample.Socket], _ interval: Interval?) -> [SocketRates] {
    let earlier = Dictionary(
      (interval?.earlier.sockets ?? []).map { ($0.cookie, $0) }, uniquingKeysWith: { $1 })
    return sockets.grouped(by: Key.init).compactMap { SocketRates($0.members, earlier, interval) }
  }

  private init?(
    _ sockets: [Sample.Socket], _ earlier: [UInt64: Sample.Socket], _ interval: Interval?
  ) {
    guard let first = sockets.first else { return nil }
    (transport, address, port) = (first.transport, first.address, first.port)
    members = sockets.count
    queued = sockets.reduce(0) { $0 &+ UInt64($1.queued) }
    let limits = sockets.compactMap(\.limit)
    limit = limits.count == members ? limits.reduce(0) { $0 &+ UInt64($1) } : nil
    fullest = sockets.compactMap { socket in
      socket.limit.flatMap { $0 > 0 ? Double(socket.queued) / Double($0) : nil }
    }.max()
    let counts = sockets.compactMap(\.drops)
    dropped = counts.count == members ? counts.reduce(0) { $0 &+ UInt64($1) } : nil
    let holders = sockets.compactMap(\.holder)
    pid = holders.first.flatMap { first in
      holders.count == members && holders.allSatisfy { $0.pid == first.pid } ? first.pid : nil
    }
    let commands = holders.compactMap(\.command).reduce(into: [String]()) { names, name in
      if !names.contains(name) { names.append(name) }
    }
    process = commands.isEmpty ? nil : commands.joined(separator: ", ")
    guard let interval else { return }
    let rates = sockets.map { interval.rate($0.drops, since: earlier[$0.cookie]?.drops) }
    drops = rates.sum
    skew = rates.compactMap(\.self).skew
  }
}
