import Notation
import ReceivePath

extension Rule {
  /// Connections wait at one listener of an SO_REUSEPORT group while the others have nothing to do:
  /// the kernel chooses a listener by the connection's hash, not by who has time (socket(7); LWN
  /// 542629).
  ///
  /// A few connections hash unevenly by chance: the queue has to be half full at both moments, or
  /// that listener alone to lose connections.
  static let reuseportSkew = Rule(
    "reuseport-skew", "One listener of an SO_REUSEPORT group is full while others are idle", .rate,
    document: "socket(7)", explains: ["accept-queue"]
  ) { examination in
    guard let sockets = examination.now.sockets else {
      return [.unchecked(nil, "the sockets were not read")]
    }
    if let absence = sockets.listeners.absence {
      return [.unchecked(nil, "the listeners are \(absence.reason.words)")]
    }
    let groups = examination.listenerGroups.filter { $0.count > 1 }
    if groups.isEmpty { return [] }
    if let reason = examination.withoutRates { return [.unchecked(nil, reason)] }
    return groups.compactMap { group in
      guard
        let worst = group.max(by: { $0.socket.receiveQueue < $1.socket.receiveQueue }),
        worst.socket.receiveQueue >= fewestWaiting, let earlier = worst.earlier,
        fill(worst.socket) >= full,
        fill(earlier) >= full || worst.drops.rate != nil
      else { return nil }
      let others = group.filter { $0.socket.cookie != worst.socket.cookie }
      guard let idlest = others.min(by: { fill($0.socket) < fill($1.socket) }),
        fill(idlest.socket) <= idle, idlest.drops.rate == nil
      else { return nil }
      let waiting = others.reduce(0) { $0 + UInt64($1.socket.receiveQueue) }
      var evidence = [
        Evidence("its accept queue", worst.socket.receiveQueue, from: "sock_diag"),
        Evidence("its backlog", worst.socket.sendQueue, from: "sock_diag"),
        Evidence(
          others.count == 1 ? "accept queue of the other" : "accept queues of the others", waiting,
          from: "sock_diag"),
      ]
      if let drops = worst.drops.rate {
        evidence.append(Evidence("sk_drops", drops.perSecond, "/s", from: "sock_diag"))
      }
      return .finding(
        Finding(
          worst.drops.rate == nil ? .cost : .loss, at: .socket(worst.name),
          "Connections wait at one of \(group.count) listeners: \(worst.name)\(worst.holder).",
          evidence: evidence,
          consequence: "They wait, or are lost, while other workers are idle.",
          fix: .advice(
            "See whether that worker still accepts; give each worker its share by CPU "
              + "(SO_INCOMING_CPU), or let all of them accept from one socket."), .measured))
    }
  }

  /// Half of the accept queue, and a twentieth of it.
  private static let full = 0.5
  private static let idle = 0.05
  /// Fewer than this are chance: 8 connections land on one of two listeners each 128th time.
  private static let fewestWaiting: UInt32 = 8

  private static func fill(_ socket: InetSocket) -> Double {
    Double(socket.receiveQueue) / Double(max(socket.sendQueue, 1))
  }
}

extension Examination {
  /// Listeners, those that share an address and port by SO_REUSEPORT together.
  var listenerGroups: [[SocketView]] {
    listeners.grouped { ListenerGroup.Key($0.socket) }.map { $0.members }
  }
}
