import Knobs
import ReceivePath

extension Rule {
  /// Datagrams dropped because a socket's receive buffer was full: UdpRcvbufErrors and its like of
  /// IPv6 (udp(7), networking/snmp_counter.rst), at the sockets whose sk_drops grew.
  ///
  /// net.core.rmem_max limits only what a program asks for (SO_RCVBUF), and a reader that is slower
  /// than its packets fills any buffer: what helps differs.
  static let udpReceiveBuffer = Rule(
    "udp-rcvbuf", "UDP sockets drop packets because their receive buffers are full", .rate,
    document: "udp(7), socket(7)", reads: [.receiveBufferMax, .receiveBufferDefault]
  ) { examination in
    var verdicts: [Verdict] = []
    for counter in ["UdpRcvbufErrors", "Udp6RcvbufErrors"] {
      let trend = examination.trend(ofCounter: counter)
      switch trend {
      case .grew(let rate): verdicts.append(.finding(finding(counter, rate, examination)))
      case .still: verdicts += examination.note(trend, counter, at: .namespace)
      case .total(_, let reason):
        verdicts += examination.note(trend, counter, at: .namespace)
        if counter == "UdpRcvbufErrors" { verdicts.append(.unchecked(nil, reason)) }
      case .unknown(let reason):
        // A kernel without IPv6 has no such counter.
        if counter == "UdpRcvbufErrors" { verdicts.append(.unchecked(nil, reason)) }
      }
    }
    return verdicts
  }

  private static func finding(
    _ counter: String, _ rate: Trend.Rate, _ examination: Examination
  ) -> Finding {
    let file = counter.hasPrefix("Udp6") ? "/proc/net/snmp6" : "/proc/net/snmp"
    var evidence = [Evidence(counter, rate.perSecond, "/s", from: file)]
    let worst = examination.udpSockets.filter { $0.isIPv6 == counter.hasPrefix("Udp6") }
      .max { ($0.drops.perSecond ?? 0) < ($1.drops.perSecond ?? 0) }
    guard let worst, let drops = worst.drops.rate, let memory = worst.socket.memory else {
      return Finding(
        .loss, at: .namespace, "UDP sockets drop packets: their receive buffers are full.",
        evidence: evidence, consequence: "The datagrams are lost; UDP does not resend them.",
        fix: .advice(
          "Find the socket with rxtune show --stage socket; its program must read faster or ask "
            + "for a larger buffer (SO_RCVBUF)."), .measured)
    }
    evidence += [
      Evidence("sk_drops of \(worst.name)", drops.perSecond, "/s", from: "sock_diag"),
      Evidence("rcvbuf", memory.receiveBuffer, "bytes", from: "sock_diag"),
      Evidence("rmem", memory.receiveAllocated, "bytes", from: "sock_diag"),
    ]
    return Finding(
      .loss, at: .socket(worst.name),
      "The socket's receive buffer is full\(worst.holder): packets are dropped.",
      evidence: evidence, consequence: "The datagrams are lost; UDP does not resend them.",
      fix: fix(worst, memory, examination), .measured)
  }

  private static func fix(
    _ socket: SocketView, _ memory: SocketMemory, _ examination: Examination
  ) -> Diagnosis.Fix {
    // Full at both moments: no buffer is large enough.
    if socket.wasFull && socket.isFull {
      return .advice(
        "The program reads more slowly than packets arrive; a larger buffer only delays the "
          + "drops. Read with recvmmsg(2), or spread the packets over more sockets "
          + "(SO_REUSEPORT).")
    }
    let (asked, unasked) = (
      examination.settings.number(.receiveBufferMax),
      examination.settings.number(.receiveBufferDefault)
    )
    // The kernel doubles what SO_RCVBUF asks for, and keeps that within twice the maximum.
    if let asked, Int64(memory.receiveBuffer) >= 2 &* asked {
      return .run(
        ["rxtune", "set", "net.core.rmem_max=\(doubled(asked))"],
        remark: "The program asks for all it may have; restart it afterwards.")
    }
    if let unasked, Int64(memory.receiveBuffer) == unasked {
      return .run(
        ["rxtune", "set", "net.core.rmem_default=\(doubled(unasked))"],
        remark: "The program asks for no size (SO_RCVBUF); restart it afterwards.")
    }
    return .advice(
      "The program asked for this size itself (SO_RCVBUF): ask for more, up to net.core.rmem_max.")
  }

  private static func doubled(_ size: Int64) -> Int64 {
    min(max(size, 1), Int64(Int32.max) / 2) * 2
  }
}
