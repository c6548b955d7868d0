import Knobs
import ReceivePath
package import Tuning

extension Culprit {
  /// What took a setting from its value, and by what it is known.
  package var words: String {
    switch self {
    case .ownChange(let id, let command): "rxtune's own change \(id) (`\(command)`) reset it"
    case .channelChange(let device, let evidence):
      "a channel change of \(device) by another program (\(evidence.words))"
    case .settingChange(let knob, let then, let now):
      "a change of \(knob) by another program (\(then) then, \(now) now)"
    case .announcedChange(let device, let event):
      "a change of \(device) by another program (\(event))"
    case .linkDown(let device): "\(device) is down"
    case .linkBounce(let device): "\(device) went down and up"
    case .driverReset(let device, let timeouts):
      "a reset of \(device) by its driver (\(timeouts) transmit timeout\(timeouts == 1 ? "" : "s"))"
    case .queuesReopened(let device, let isCarrierLost):
      "the driver reopened the queues of \(device)"
        + (isCarrierLost ? ", and the link flapped" : "")
        + ": a reset, or a setting changed and changed back"
    case .cpusOffline(let cpus): "\(cpus.named) went offline"
    case .cpusBack(let cpus): "\(cpus.named) went offline and came back"
    case .cpusIsolated(let cpus): "\(cpus.named) \(cpus.count == 1 ? "is" : "are") isolated now"
    case .irqbalance(let pid): "irqbalance (pid \(pid)), which is running"
    case .otherProgram(let since, let event):
      "another program wrote it after \(since)" + (event.map { " (\($0))" } ?? "")
    case .unknown(let ruledOut, let untold): Self.unknown(ruledOut, untold)
    }
  }

  private static func unknown(_ ruledOut: [Kind], _ untold: [Fingerprint.Mark]) -> String {
    var parts: [String] = []
    if !ruledOut.isEmpty {
      parts.append("not " + ruledOut.map(\.words).joined(separator: ", nor "))
    }
    if !untold.isEmpty {
      parts.append("not known then and now: " + untold.map(\.words).joined(separator: ", "))
    }
    return parts.isEmpty ? "unknown" : "unknown (\(parts.joined(separator: "; ")))"
  }
}

extension Culprit.ChannelEvidence {
  fileprivate var words: String {
    switch self {
    case .counts(let direction, let then, let now):
      "\(then) \(direction.rawValue) queues then, \(now) now"
    case .remade(let direction, let queues):
      queues.count == 1
        ? "\(direction.rawValue)-\(queues.list) was removed and recreated"
        : "\(direction.rawValue) queues \(queues.list) were removed and recreated"
    case .announced: "channels-ntf"
    }
  }
}

extension Culprit.Kind {
  fileprivate var words: String {
    switch self {
    case .ownChange: "a change of rxtune's own"
    case .channelChange: "a channel change"
    case .settingChange: "a change of a setting that resets it"
    case .linkDown: "a link that is down"
    case .linkBounce: "a link that went down"
    case .driverReset: "a driver reset"
    case .queuesReopened: "reopened queues"
    case .cpuOffline: "a CPU that went offline"
    case .cpuIsolation: "an isolated CPU"
    case .irqbalance: "irqbalance"
    case .otherProgram: "another program"
    case .unknown: "unknown"
    }
  }
}

extension Fingerprint.Mark {
  fileprivate var words: String {
    switch self {
    case .napi: "NAPI instances"
    case .irq, .vectors: "interrupts"
    case .rx: "receive queues"
    case .tx: "transmit queues"
    case .carrier: "carrier changes"
    case .up: "link state"
    case .ipv6: "IPv6's stamp"
    case .timeouts: "transmit timeouts"
    case .online: "CPUs online"
    case .isolated: "isolated CPUs"
    case .caches: "CPUs' caches"
    }
  }
}
