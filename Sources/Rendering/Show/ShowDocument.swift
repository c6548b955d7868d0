package import Knobs
package import ReceivePath

/// `rxtune show`: each device's stages and queue paths, then CPUs and sockets.
package struct ShowDocument: MarkedDocument, Sendable {
  let host: HostSnapshot
  let stages: [Stage]

  /// - Parameter stages: those to show, in any order; none means all.
  package init(_ host: HostSnapshot, stages: [Stage] = []) {
    self.host = host
    self.stages = stages.isEmpty ? Stage.allCases : Stage.allCases.filter(stages.contains)
  }

  package var marked: [String] {
    var lines: [String] = []
    for device in host.devices {
      if !lines.isEmpty { lines.append("") }
      lines += self.lines(of: device)
    }
    for name in host.gone {
      lines.append("\(Terminal.printable(name)): gone while it was read")
    }
    if stages.contains(.napi) { lines += softnetLines }
    if stages.contains(.socket), let sockets = host.sockets { lines += SocketText(sockets).lines }
    return lines
  }

  private func lines(of device: DeviceSnapshot) -> [String] {
    var lines = [Terminal.printable(device.link.name)]
    if let detail = device.sysfs?.detail {
      lines.append("  note: \(Terminal.printable(detail))")
    }
    for stage in stages {
      for (index, line) in StageSection.of(stage).lines(device, host).enumerated() {
        let title = index == 0 ? stage.title : ""
        let space = String(repeating: " ", count: 10 - title.utf8.count)
        lines.append("  \(title)\(space)\(Terminal.printable(line))")
      }
    }
    if !device.paths.isEmpty {
      lines += [""] + Table(paths: device.paths).lines(indent: 2)
      lines += device.unknownInterrupts.map { "  " + Terminal.printable($0) }
    }
    return lines
  }

  private var softnetLines: [String] {
    let title = ["", "softnet, per CPU since boot (host-wide)"]
    switch host.softnet {
    case .absent(let absence): return title + ["  \(absence.reason.words)"]
    case .value(let table): return title + Table(softnet: table).lines(indent: 2)
    }
  }
}

extension DeviceSnapshot {
  /// "IRQ unknown: …", or "IRQ of queues 2-5 unknown: …" where others' are known; a line a reason.
  /// That virtual devices have none says nothing new.
  fileprivate var unknownInterrupts: [String] {
    var reasons: [(reason: UnknownInterrupt, queues: [UInt32])] = []
    for path in paths {
      guard let reason = path.unknown, reason != .virtual else { continue }
      let queue = UInt32(clamping: path.queue)
      if let place = reasons.firstIndex(where: { $0.reason == reason }) {
        reasons[place].queues.append(queue)
      } else {
        reasons.append((reason, [queue]))
      }
    }
    return reasons.map { reason, queues in
      let which =
        queues.count == paths.count
        ? "" : " of \(Words.queues(queues))"
      return "IRQ\(which) unknown: \(reason)"
    }
  }
}
