import Knobs
import Notation
package import ReceivePath

/// `rxtune flow --json`: each step a value, or {"unknown": reason}.
extension FlowAnswer: Document {
  package static let shape = Record<FlowAnswer>(
    [
      Field("device", "The device asked about.", .string) { $0.device },
      Field(
        optional: "below",
        "The devices that deliver its packets; omitted for a device that receives its own.",
        ShowDocument.below
      ) { $0.below },
      Field("flow", "The flow.", .string) { $0.flow.description },
      Field("flow-type", "Flow type that the device hashes it as.", .string) { $0.flow.type.name },
    ] + steps { $0.prediction } + [
      Field(
        optional: "arrivals",
        """
        The steps at each device where packets arrive; omitted if that is the device asked \
        about.
        """,
        .array(of: arrival)
      ) { $0.below == nil ? nil : $0.arrivals }
    ]
  ).shape

  private static let arrival = Record<(device: String, prediction: FlowPrediction)>(
    [Field("device", "The receiving device.", .string) { $0.device }]
      + steps { $0.prediction }
  ).shape

  private static func steps<Subject>(
    _ prediction: @escaping @Sendable (Subject) -> FlowPrediction
  ) -> [Field<Subject>] {
    [
      Field(optional: "rule", "Location of the flow rule that matches it.", .counter32) {
        prediction($0).rule?.location
      },
      Field("fields", "Hashed fields, in ethtool's letters.", step(.string)) {
        prediction($0).fields.map(\.description)
      },
      Field("hash", "The hash of the flow.", step(.counter32)) { prediction($0).hash },
      Field("entry", "The entry of the indirection table.", step(.integer)) {
        prediction($0).tableEntry
      },
      Field("queue", "The receive queue.", step(.integer)) { prediction($0).queue },
      Field(optional: "caveat", "Why other packets of the flow may reach another queue.", .string) {
        prediction($0).caveat?.description
      },
      Field("irq", "The queue's IRQ.", step(.integer)) { prediction($0).irq },
      Field(
        optional: "thread", "The kernel thread that polls the queue, if one does.",
        .reading(ShowDocument.thread)
      ) { prediction($0).thread },
      Field(
        "cpus", "CPUs that handle the IRQ, or that the thread may run on.",
        step(.cpus)
      ) { prediction($0).cpus },
      Field(
        optional: "rps-cpu", "CPU that RPS steers it to; omitted while RPS is off.", step(.integer)
      ) { prediction($0).rpsCPU },
    ]
  }

  private static func step<Value>(
    _ shape: Shape<Value>
  ) -> Shape<FlowPrediction.Step<Value>> {
    let unknown = Record<UnknownReason>([
      Field("unknown", "Why the value is unknown.", .string) { $0.description }
    ]).shape
    return Shape(schema: .object(["anyOf": .array([shape.schema, unknown.schema])])) { step in
      switch step {
      case .success(let value): shape.encode(value)
      case .failure(let reason): unknown.encode(reason)
      }
    }
  }
}
