import ReceivePath

extension Rule {
  /// More than one packet in a hundred arrives damaged (networking/statistics.rst, rx_errors and
  /// rx_crc_errors): cable, connector or optics.
  ///
  /// Some drivers count missed packets as errors, too: those are the ring's, and left out.
  static let linkErrors = Rule(
    "link-errors", "Packets arrive damaged", .rate, document: "networking/statistics.rst"
  ) { examination in
    examination.physicalDevices { device in
      let errors = device.trend(of: "rx-errors") { $0.rxErrors }
      let damaged = device.trend(of: "rx-crc-errors") { $0.rxCRCErrors }
      guard let errorRate = errors.perSecond, let damagedRate = damaged.perSecond else {
        return examination.note(damaged, "rx-crc-errors", at: device.subject)
          + [.unchecked(device.subject, errors.unknown ?? damaged.unknown ?? "not known")]
      }
      let missed = [
        device.trend(of: "rx-missed-errors") { $0.rxMissedErrors },
        device.trend(of: "rx-fifo-errors") { $0.rxFIFOErrors },
        device.trend(of: "rx-over-errors") { $0.rxOverErrors },
      ].compactMap(\.perSecond).reduce(0, +)
      let bad = max(errorRate - missed, damagedRate)
      guard bad > 0 else { return examination.note(damaged, "rx-crc-errors", at: device.subject) }
      let good = device.packetsPerSecond ?? 0
      let evidence = [
        Evidence("rx-errors", errorRate, "/s", from: "rtnetlink"),
        Evidence("rx-crc-errors", damagedRate, "/s", from: "rtnetlink"),
        Evidence("rx-packets", good, "/s", from: "rtnetlink"),
      ]
      guard good >= Examination.fewestPackets, bad / (bad + good) > errorLimit else {
        return [
          .note(
            Note(at: device.subject, "Some packets arrive damaged.", evidence: evidence))
        ]
      }
      return [
        .finding(
          Finding(
            .loss, at: device.subject, "More than 1% of its packets arrive damaged.",
            evidence: evidence, consequence: "The NIC drops them; TCP slows down.",
            fix: .advice(
              "Check cable, connectors and optics (ethtool -m \(device.name)), and that both ends "
                + "agree on speed and duplex."), .measured))
      ]
    }
  }

  /// node_exporter's mixin, NodeNetworkReceiveErrs.
  private static let errorLimit = 0.01
}
