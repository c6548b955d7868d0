import Knobs
import ReceivePath

extension Rule {
  /// Datagrams dropped because all UDP sockets together reached net.ipv4.udp_mem (udp(7)), a limit
  /// of the host in pages; a cgroup's memory limit counts here, too.
  static let udpMemory = Rule(
    "udp-mem", "UDP drops packets because its sockets have too much memory together", .rate,
    document: "udp(7)", reads: [.udpMemory]
  ) { examination in
    examination.findings(
      ofCounters: ["UdpMemErrors", "Udp6MemErrors"], at: .namespace, isOptional: true
    ) { counter, rate in
      let file = counter.hasPrefix("Udp6") ? "/proc/net/snmp6" : "/proc/net/snmp"
      return Finding(
        .loss, at: .namespace, "UDP drops packets: its sockets may have no more memory.",
        evidence: [Evidence(counter, rate.perSecond, "/s", from: file)]
          + [examination.settings.evidence(.udpMemory)].compactMap { $0 },
        consequence: "Datagrams are lost, even those for programs that read in time.",
        fix: moreMemory(examination), .measured)
    }
  }

  private static func moreMemory(_ examination: Examination) -> Diagnosis.Fix {
    let remark =
      "Find who does not read with rxtune show --stage socket. Where the memory of a cgroup is "
      + "limited, udp_mem is not what stops it."
    guard let pages = examination.settings.numbers(.udpMemory), pages.count == 3,
      pages.allSatisfy({ (1...Int64.max / 2).contains($0) })
    else { return .advice(remark) }
    return .run(
      [
        "rxtune", "set",
        "\(Knob.udpMemory.id)=" + pages.map { String($0 * 2) }.joined(separator: " "),
      ], remark: remark)
  }
}
