import Knobs
import ReceivePath

extension Rule {
  /// TCP segments dropped at a socket: its backlog was full while a program held it, or its receive
  /// buffer (networking/snmp_counter.rst, TcpExtTCPBacklogDrop and TcpExtTCPRcvQDrop).
  ///
  /// TCP sends them again, later: what the program sees is a delay.
  static let socketBacklog = Rule(
    "socket-backlog", "TCP sockets drop segments because their buffers are full", .rate,
    document: "networking/snmp_counter.rst", reads: [.tcpReceiveMemory]
  ) { examination in
    examination.findings(
      ofCounters: ["TcpExtTCPBacklogDrop", "TcpExtTCPRcvQDrop"], at: .namespace
    ) { counter, rate in
      Finding(
        .loss, at: .namespace,
        counter == "TcpExtTCPBacklogDrop"
          ? "TCP sockets drop segments that arrive while their programs hold them."
          : "TCP sockets drop segments: their receive buffers are full.",
        evidence: [Evidence(counter, rate.perSecond, "/s", from: "/proc/net/netstat")]
          + [examination.settings.evidence(.tcpReceiveMemory)].compactMap { $0 },
        consequence: "Peers send them again after a delay.",
        fix: largerBuffers(examination), .measured)
    }
  }

  /// The program's own SO_RCVBUF goes before tcp_rmem, and a slow reader fills any buffer.
  private static func largerBuffers(_ examination: Examination) -> Diagnosis.Fix {
    let remark =
      "The program must read faster; a larger buffer helps with bursts. tcp_rmem has no effect "
      + "where the program sets SO_RCVBUF."
    guard let sizes = examination.settings.numbers(.tcpReceiveMemory), let maximum = sizes.last,
      sizes.count == 3, maximum > 0, maximum < Int64(Int32.max)
    else { return .advice(remark) }
    let sizesThen = sizes.dropLast() + [min(maximum, Int64(Int32.max) / 2) * 2]
    return .run(
      [
        "rxtune", "set",
        "\(Knob.tcpReceiveMemory.id)=" + sizesThen.map(String.init).joined(separator: " "),
      ], remark: remark)
  }
}
