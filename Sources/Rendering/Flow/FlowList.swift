import Knobs
package import ReceivePath

/// `rxtune flow -`: flows to one device, a row each, and below the table why some cannot be told, or
/// not for all their packets.
package struct FlowList: Document, Sendable {
  private let answers: [FlowAnswer]

  package init(_ answers: [FlowAnswer]) {
    self.answers = answers
  }

  package static let shape = Shape<[FlowAnswer]>.array(of: FlowAnswer.shape)
    .from { (list: FlowList) in list.answers }

  package var lines: [String] {
    let isSeveral = answers.contains { $0.arrivals.count > 1 }
    var table = Table(
      [.left("FLOW")] + (isSeveral ? [.left("DEVICE")] : [])
        + [.right("QUEUE"), .right("IRQ"), .right("CPU"), .right("RPS")])
    var predictions: [FlowPrediction] = []
    for answer in answers {
      let arrivals =
        answer.arrivals.isEmpty ? [(answer.device, answer.prediction)] : answer.arrivals
      for (device, prediction) in arrivals {
        predictions.append(prediction)
        table.add(
          [prediction.flow.description] + (isSeveral ? [device] : []) + [
            Self.cell(prediction.queue) { "\($0)" }, Self.cell(prediction.irq) { "\($0)" },
            Self.cell(prediction.cpus) { Words.cpus($0) },
            prediction.rpsCPU.map { Self.cell($0) { "\($0)" } },
          ])
      }
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
    let below = answers.first.flatMap { answer in
      answer.below.map { "below \(answer.device): \($0.description)" }
    }
    return table.lines() + (below.map { [Terminal.printable($0)] } ?? [])
      + counted("unknown queue", unknown)
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
