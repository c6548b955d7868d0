import Knobs
import ReceivePath

extension Rule {
  /// rx_dropped grows and nothing was lost: packets that no protocol wants, as of an unknown EtherType,
  /// LLDP or a VLAN that is not here (Red Hat KB 657483; networking/statistics.rst). A note, never a
  /// finding.
  static let rxDroppedBenign = Rule(
    "rx-dropped-benign", "rx_dropped counts packets that nobody wants, not losses", .rate,
    document: "networking/statistics.rst"
  ) { examination in
    if let reason = examination.withoutRates { return [.unchecked(nil, reason)] }
    return examination.receivingDevices { device in
      let dropped = device.trend(of: "rx-dropped") { $0.rxDropped }
      if case .unknown(let reason) = dropped { return [.unchecked(device.subject, reason)] }
      guard let rate = dropped.rate else { return [] }
      guard device.ringLosses.isEmpty, !softnetDrops(examination),
        device.device.link.kind != "veth"
      else { return [] }
      return [
        .note(
          Note(
            at: device.subject,
            "rx-dropped grows, and no ring or backlog overflows: these are mostly packets that no "
              + "protocol here wants (LLDP, other VLANs).",
            evidence: [Evidence("rx-dropped", rate.perSecond, "/s", from: "rtnetlink")]))
      ]
    }
  }

  private static func softnetDrops(_ examination: Examination) -> Bool {
    (examination.now.softnet.value?.rows ?? []).contains { row in
      guard let cpu = row.cpu else { return false }
      return examination.trend(
        of: "dropped", from: examination.earlier?.softnet.value?[cpu]?.dropped, to: row.dropped
      ).rate != nil
    }
  }
}
