import Knobs
package import ReceivePath

/// `rxtune flow -` for people: a row a flow, and below the table why some cannot be told, or
/// not for all their packets.
package struct FlowTable {
  package let lines: [String]

  package init(_ predictions: [FlowPrediction]) {
    var table = Table([
      .left("FLOW"), .right("QUEUE"), .right("IRQ"), .right("CPU"), .right("RPS"),
    ])
    for prediction in predictions {
      table.add([
        prediction.flow.description, Self.cell(prediction.queue) { "\($0)" },
        Self.cell(prediction.irq) { "\($0)" }, Self.cell(prediction.cpus) { Words.cpus($0) },
        prediction.rpsCPU.map { Self.cell($0) { "\($0)" } },
      ])
    }
    let unknown = predictions.compactMap { prediction -> UnknownReason? in
      if case .failure(let reason) = prediction.queue { reason } else { nil }
    }
    func counted(_ what: String, _ reasons: [UnknownReason]) -> [String] {
      var counts: [(reason: UnknownReason, count: Int)] = []
      for reason in reasons {
        if let known = counts.firstIndex(where: { $0.reason == reason }) {
          counts[known].count += 1
        } else {
          counts.append((reason, 1))
        }
      }
      return counts.map { "\(what) of \($0.count) of \(predictions.count): \($0.reason)" }
    }
    lines =
      table.lines() + counted("unknown queue", unknown)
      + counted("caveat", predictions.compactMap(\.caveat))
  }

  private static func cell<Value>(
    _ step: FlowPrediction.Step<Value>, _ text: (Value) -> String
  ) -> String {
    switch step {
    case .success(let value): text(value)
    case .failure: "unknown"
    }
  }
}
