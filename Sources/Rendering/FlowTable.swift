import Knobs
package import ReceivePath

/// `rxtune flow -` for people: a row a flow, and below the table why some cannot be told.
package struct FlowTable {
  package let lines: [String]

  package init(_ predictions: [FlowPrediction]) {
    var table = Table([
      .left("FLOW"), .right("QUEUE"), .right("IRQ"), .right("CPU"), .right("RPS"),
    ])
    var reasons: [(reason: String, count: Int)] = []
    for prediction in predictions {
      table.add([
        prediction.flow.description, Self.cell(prediction.queue) { "\($0)" },
        Self.cell(prediction.irq) { "\($0)" }, Self.cell(prediction.cpus) { Words.cpus($0) },
        prediction.rpsCPU.map { Self.cell($0) { "\($0)" } },
      ])
      guard case .failure(let unknown) = prediction.queue else { continue }
      let reason = unknown.description
      if let known = reasons.firstIndex(where: { $0.reason == reason }) {
        reasons[known].count += 1
      } else {
        reasons.append((reason, 1))
      }
    }
    lines =
      table.lines()
      + reasons.map { "unknown queue of \($0.count) of \(predictions.count): \($0.reason)" }
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
