import Knobs
package import ReceivePath

/// `rxtune flow` for people: a line a step, for each device that packets may arrive at.
extension FlowAnswer {
  package var lines: [String] {
    var lines = ["\(flow)"]
    if let below { lines += ["  below   \(below.description)"] }
    guard arrivals.count != 1 else {
      return lines + Self.lines(arrivals[0].prediction, indent: "  ")
    }
    lines += Self.row("queue", prediction.queue, "  ") { "\($0)" }
    for arrival in arrivals {
      lines.append("  at \(Terminal.printable(arrival.device))")
      lines += Self.lines(arrival.prediction, indent: "    ")
    }
    return lines
  }

  private static func row<Value>(
    _ title: String, _ step: FlowPrediction.Step<Value>, _ indent: String, _ text: (Value) -> String
  ) -> [String] {
    let value: String =
      switch step {
      case .success(let value): text(value)
      case .failure(let reason): "unknown: \(Terminal.printable(reason.description))"
      }
    return [indent + title + String(repeating: " ", count: 8 - title.utf8.count) + value]
  }

  private static func lines(_ flow: FlowPrediction, indent: String) -> [String] {
    var lines: [String] = []
    // What is unknown for the reason that the queue is said once, with it.
    let reason = flow.queue.reason
    func add<Value>(
      _ title: String, _ step: FlowPrediction.Step<Value>, _ text: (Value) -> String
    ) {
      if reason == nil || step.reason != reason { lines += row(title, step, indent, text) }
    }
    if let rule = flow.rule { lines.append("\(indent)rule    \(Words.rule(rule))") }
    if flow.rule == nil || flow.rule?.context != nil {
      add("fields", flow.fields) { $0.description }
      add("hash", flow.hash) { "0x" + Words.padded($0) }
      add("entry", flow.tableEntry) { "\($0)" }
    }
    lines += row("queue", flow.queue, indent) { "\($0)" }
    if let caveat = flow.caveat { lines.append("\(indent)caveat  \(caveat)") }
    add("irq", flow.irq) { "\($0)" }
    if let thread = flow.thread {
      let words = Words.of(thread) { "\($0.name), pid \($0.pid)" }
      lines.append("\(indent)thread  \(Terminal.printable(words))")
    }
    add("cpu", flow.cpus) { Words.cpus($0) }
    if let rps = flow.rpsCPU { add("rps", rps) { "\($0)" } }
    return lines
  }
}

extension Result where Failure == UnknownReason {
  fileprivate var reason: UnknownReason? {
    if case .failure(let reason) = self { reason } else { nil }
  }
}

extension DevicesBelow {
  /// "eth0", "ports eth0, eth1"; the note where there is none.
  var description: String {
    let names = links.isEmpty ? note ?? "none" : names.joined(separator: ", ")
    let relation =
      switch self.relation {
      case .lower, .carrier: ""
      case .conduit: "conduit "
      case .ports: links.count == 1 ? "port " : "ports "
      case .function: "virtual function "
      }
    return Terminal.printable((links.isEmpty ? "" : relation) + names)
  }
}

extension Words {
  /// Eight hex digits.
  static func padded(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.utf8.count) + digits
  }
}
