import Knobs
package import ReceivePath

/// `rxtune flow` for people: a line a step.
package struct FlowText {
  private let prediction: FlowPrediction

  package init(_ prediction: FlowPrediction) {
    self.prediction = prediction
  }

  package var lines: [String] {
    let flow = prediction
    var lines = ["\(flow.flow)"]
    func add<Value>(
      _ title: String, _ step: FlowPrediction.Step<Value>, _ text: (Value) -> String
    ) {
      let value: String =
        switch step {
        case .success(let value): text(value)
        case .failure(let reason): "unknown: \(reason)"
        }
      lines.append("  " + title + String(repeating: " ", count: 8 - title.utf8.count) + value)
    }
    if let rule = flow.rule { lines.append("  rule    \(rule.description)") }
    if flow.rule == nil || flow.rule?.context != nil {
      add("fields", flow.fields) { $0.description }
      add("hash", flow.hash) { "0x" + Words.padded($0) }
      add("entry", flow.tableEntry) { "\($0)" }
    }
    add("queue", flow.queue) { "\($0)" }
    if let caveat = flow.caveat { lines.append("  caveat  \(caveat)") }
    add("irq", flow.irq) { "\($0)" }
    if let thread = flow.thread {
      let words = Words.of(thread) { "\($0.name), pid \($0.pid)" }
      lines.append("  thread  \(Terminal.printable(words))")
    }
    add("cpu", flow.cpus) { Words.cpus($0) }
    if let rps = flow.rpsCPU { add("rps", rps) { "\($0)" } }
    return lines
  }
}

extension Words {
  /// Eight hex digits.
  static func padded(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.utf8.count) + digits
  }
}
