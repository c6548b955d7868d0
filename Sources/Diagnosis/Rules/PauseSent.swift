import Knobs
import ReceivePath

extension Rule {
  /// A NIC sends pause frames: its ring or its internal buffer is full, and the switch has to wait
  /// (networking/statistics.rst, ethtool_pause_stats).
  ///
  /// A lossless fabric (RoCE) is meant to do that. Those received tell of the network, not of this
  /// host, and are a note.
  static let pauseSent = Rule(
    "pause", "A NIC asks the switch to pause: this host receives too slowly", .rate,
    document: "networking/statistics.rst"
  ) { examination in
    examination.physicalDevices { device in
      guard let reading = device.device.pauseFrames else {
        return [.unchecked(device.subject, "its pause frames were not read")]
      }
      guard let now = reading.value else {
        let reason = reading.absence?.reason ?? .unreadable
        return [
          .unchecked(
            device.subject,
            reason == .notSupported
              ? "the driver counts no pause frames" : "its pause frames are \(reason.words)")
        ]
      }
      let before = device.earlier?.pauseFrames?.value
      let sent = examination.trend(of: "tx_pause_frames", from: before?.sent, to: now.sent)
      let received = examination.trend(
        of: "rx_pause_frames", from: before?.received, to: now.received)
      var verdicts: [Verdict] = []
      switch sent {
      case .grew(let rate): verdicts.append(.finding(pauseFinding(device, rate)))
      case .still, .total:
        verdicts += examination.note(sent, "tx_pause_frames", at: device.subject)
      case .unknown: break
      }
      if let reason = sent.unknown { verdicts.append(.unchecked(device.subject, reason)) }
      if let rate = received.rate {
        verdicts.append(
          .note(
            Note(
              at: device.subject, "The switch asks it to pause, which delays what is sent.",
              evidence: [pauseEvidence("rx_pause_frames", rate)])))
      }
      return verdicts
    }
  }

  private static func pauseFinding(_ device: DeviceView, _ rate: Trend.Rate) -> Finding {
    let rings = device.device.rings.value
    let (size, largest) = (rings?.number("rx"), rings?["rx"]?.maximum)
    var evidence = [pauseEvidence("tx_pause_frames", rate)]
    if let size { evidence.append(Evidence("rings.rx", size, from: "ethtool rings-get")) }
    let remark =
      "If its CPUs are busy, spread the interrupts first. A lossless fabric (RoCE) needs pause "
      + "frames; otherwise rxtune set pause.tx=off \(device.name) turns them off."
    let canGrow = size.map { size in largest.map { size < $0 } ?? false } ?? false
    return Finding(
      .cost, at: device.subject, "It sends pause frames: this host receives too slowly.",
      evidence: evidence,
      consequence: "The switch holds packets back, and drops them once its own buffer is full.",
      fix: canGrow
        ? .run(["rxtune", "rings", device.name, "rx=max"], remark: remark) : .advice(remark),
      .measured)
  }

  private static func pauseEvidence(_ name: String, _ rate: Trend.Rate) -> Evidence {
    Evidence(name, rate.perSecond, "/s", from: "ethtool pause-get")
  }
}

extension Trend {
  /// Why there is no rate; nil where there is one.
  var unknown: String? {
    switch self {
    case .grew, .still: nil
    case .total(_, let reason), .unknown(let reason): reason
    }
  }
}
