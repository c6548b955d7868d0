import Knobs
import ReceivePath

extension Rule {
  /// Connections dropped because a listener's accept queue is full: TcpExtListenOverflows grows
  /// (networking/ip-sysctl.rst, somaxconn; listen(2); netdata warns from 1 a second), or a queue is
  /// as full as it gets.
  ///
  /// The counter is the network namespace's; sk_drops and the queue tell which listener it is. A
  /// listener's limit is the smaller of its own backlog and net.core.somaxconn, so raising the
  /// latter helps only where it is the limit.
  static let acceptQueue = Rule(
    "accept-queue", "Listeners drop connections because their accept queues are full", .both,
    document: "networking/ip-sysctl.rst, listen(2)", reads: [.somaxconn]
  ) { examination in
    let counter = "TcpExtListenOverflows"
    let trend = examination.trend(ofCounter: counter)
    let overflows = trend.rate.map { $0.perSecond >= fewestOverflows ? $0 : nil } ?? nil
    var full = examination.listeners.filter { $0.isQueueFull(ofTenths: 8) && $0.wasQueueFull }
    if overflows != nil {
      let dropping = examination.listeners.filter {
        ($0.drops.perSecond ?? 0) > 0 && $0.isQueueFull(ofTenths: 1)
      }
      full += dropping.filter { one in !full.contains { $0.socket.cookie == one.socket.cookie } }
      if full.isEmpty { full += examination.listeners.filter { ($0.drops.perSecond ?? 0) > 0 } }
    }
    var verdicts = full.map { listener in
      Verdict.finding(finding(listener, overflows, counter, examination))
    }
    if verdicts.isEmpty, let overflows {
      verdicts.append(
        .finding(
          Finding(
            .loss, at: .namespace, "Listeners drop connections: their accept queues are full.",
            evidence: [Evidence(counter, overflows.perSecond, "/s", from: "/proc/net/netstat")],
            consequence: "Clients wait a second or more before they try again.",
            fix: .advice("Find the listener with rxtune show --stage socket while it happens."),
            .measured)))
    }
    if !verdicts.isEmpty {
      return verdicts + (examination.withoutRates.map { [.unchecked(nil, $0)] } ?? [])
    }
    switch trend {
    case .grew(let rate):
      return [
        .note(
          Note(
            at: .namespace,
            "\(counter): \(rate.count) in the last \(Examination.seconds(examination.interval ?? 0)), "
              + "fewer than one a second."))
      ]
    case .still: return examination.note(trend, counter, at: .namespace)
    case .total(_, let reason):
      return examination.note(trend, counter, at: .namespace) + [.unchecked(nil, reason)]
    case .unknown(let reason): return [.unchecked(nil, reason)]
    }
  }

  /// netdata's tcp_listen alarm warns from here.
  private static let fewestOverflows = 1.0

  private static func finding(
    _ listener: SocketView, _ overflows: Trend.Rate?, _ counter: String,
    _ examination: Examination
  ) -> Finding {
    let limit = listener.socket.sendQueue
    var evidence = [
      Evidence("accept queue", listener.socket.receiveQueue, from: "sock_diag"),
      Evidence("its limit", limit, from: "sock_diag"),
    ]
    if let overflows {
      evidence.insert(
        Evidence(counter, overflows.perSecond, "/s", from: "/proc/net/netstat"), at: 0)
    }
    if let drops = listener.drops.rate {
      evidence.append(Evidence("sk_drops", drops.perSecond, "/s", from: "sock_diag"))
    }
    let isLosing = overflows != nil || listener.drops.rate != nil
    return Finding(
      isLosing ? .loss : .risk, at: .socket(listener.name),
      "The listener's accept queue is full\(listener.holder).", evidence: evidence,
      consequence: isLosing
        ? "New connections are dropped; clients wait a second or more before they try again."
        : "The next connections are dropped; clients wait a second or more before they try again.",
      fix: fix(listener, limit, examination), .measured)
  }

  private static func fix(
    _ listener: SocketView, _ limit: UInt32, _ examination: Examination
  ) -> Diagnosis.Fix {
    let slow =
      listener.wasQueueFull && listener.isQueueFull(ofTenths: 8)
      ? "The program accepts too slowly: a longer queue only delays the drops. " : ""
    guard let most = examination.settings.number(.somaxconn), Int64(limit) >= most else {
      return .advice(
        slow + "The limit of \(limit) is the program's own backlog, the second argument of "
          + "listen(2): raise it in its configuration, then restart it.")
    }
    let raised = min(max(most, 1), Int64(Int32.max) / 4) * 4
    return .run(
      ["rxtune", "set", "net.core.somaxconn=\(raised)"],
      remark: slow + "A listener takes the new limit when it calls listen(2) again: restart it.")
  }
}

extension SocketView {
  /// A queue admits one more than its limit; short ones are full only then.
  func isQueueFull(ofTenths tenths: UInt64) -> Bool { Self.isFull(socket, ofTenths: tenths) }

  /// Before, too, where there is a before.
  var wasQueueFull: Bool { earlier.map { Self.isFull($0, ofTenths: 8) } ?? true }

  private static func isFull(_ socket: InetSocket, ofTenths tenths: UInt64) -> Bool {
    let (queued, limit) = (UInt64(socket.receiveQueue), UInt64(socket.sendQueue))
    return limit < 10 ? queued > limit : queued * 10 >= limit * tenths
  }
}
