import Knobs
import ReceivePath

extension Rule {
  /// The cloud's network shapes or drops what exceeds the instance's allowance: ena's counters that end
  /// in _allowance_exceeded grow (ENA Linux driver's best practices; EC2 User Guide, "Monitor network
  /// performance").
  ///
  /// Some since boot are normal: bursts exceed a second's share.
  static let cloudLimit = Rule(
    "cloud-limit", "The cloud's network drops what exceeds the instance's allowance", .rate,
    document: "EC2 User Guide, ENA network performance metrics"
  ) { examination in
    examination.devices.filter(\.isReceiving).flatMap { device -> [Verdict] in
      let counters = device.device.allowances
      if counters.isEmpty, device.device.driver.value?.driver == "ena" {
        return [.unchecked(device.subject, "its driver tells no allowances")]
      }
      return counters.flatMap { counter -> [Verdict] in
        let before = device.earlier?.device(counter.name)
        let trend = examination.trend(of: counter.name, from: before, to: counter.value)
        switch trend {
        case .grew(let rate):
          return [
            .finding(
              Finding(
                .loss, at: device.subject,
                "The cloud's network holds back or drops packets beyond the instance's allowance.",
                evidence: [Evidence(counter.name, rate.perSecond, "/s", from: "ethtool -S")],
                consequence: meaning(of: counter.name),
                fix: .advice(
                  "No setting of this host raises an allowance: use a larger instance, or spread "
                    + "the traffic."), .measured))
          ]
        case .still: return examination.note(trend, counter.name, at: device.subject)
        case .total(_, let reason):
          return examination.note(trend, counter.name, at: device.subject)
            + [.unchecked(device.subject, reason)]
        case .unknown(let reason): return [.unchecked(device.subject, reason)]
        }
      }
    }
  }

  private static func meaning(of counter: String) -> String {
    switch counter.dropLast("_allowance_exceeded".count) {
    case "bw_in": "Incoming traffic exceeds the instance's bandwidth."
    case "bw_out": "Outgoing traffic exceeds the instance's bandwidth."
    case "pps": "Packets a second exceed the instance's allowance."
    case "conntrack": "Tracked connections exceed the instance's: new ones fail."
    case "linklocal": "Requests to DNS, time or metadata exceed the allowance."
    default: "Packets wait or are lost outside of this host."
    }
  }
}

extension DeviceSnapshot {
  fileprivate func device(_ counter: String) -> UInt64? {
    allowances.first { $0.name == counter }?.value
  }
}
