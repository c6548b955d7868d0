import Knobs
package import ReceivePath

/// `rxtune flow --json`: each step a value, or {"unknown": reason}.
package enum FlowJSON {
  package static let shape = Record<(device: String, prediction: FlowPrediction)>([
    Field("device", "The device that receives.", .string) { $0.device },
    Field("flow", "The flow.", .string) { $0.prediction.flow.description },
    Field("flow-type", "What the device hashes it as.", .string) { $0.prediction.flow.type.name },
    Field(optional: "rule", "Location of the rule that takes it.", .counter32) {
      $0.prediction.rule?.location
    },
    Field("fields", "What is hashed, in ethtool's letters.", step(.string)) {
      $0.prediction.fields.map(\.description)
    },
    Field("hash", "The hash.", step(.counter32)) { $0.prediction.hash },
    Field("entry", "The entry of the indirection table.", step(.integer)) {
      $0.prediction.tableEntry
    },
    Field("queue", "The receive queue.", step(.integer)) { $0.prediction.queue },
    Field(
      optional: "caveat", "Why packets after the first may come to another queue.", .string
    ) { $0.prediction.caveat?.description },
    Field("irq", "The queue's IRQ.", step(.integer)) { $0.prediction.irq },
    Field(
      optional: "thread", "The kernel thread that polls the queue, where it is one.",
      .reading(ShowJSON.thread)
    ) { $0.prediction.thread },
    Field(
      "cpus", "The CPUs that the IRQ is delivered to, or those that the thread may run on.",
      step(.cpus)
    ) { $0.prediction.cpus },
    Field(optional: "rps-cpu", "Where RPS takes it; left out while RPS is off.", step(.integer)) {
      $0.prediction.rpsCPU
    },
  ]).shape

  private static func step<Value>(
    _ shape: Shape<Value>
  ) -> Shape<FlowPrediction.Step<Value>> {
    let unknown = Record<UnknownReason>([
      Field("unknown", "Why it cannot be told.", .string) { $0.description }
    ]).shape
    return Shape(schema: .object(["anyOf": .array([shape.schema, unknown.schema])])) { step in
      switch step {
      case .success(let value): shape.encode(value)
      case .failure(let reason): unknown.encode(reason)
      }
    }
  }
}
