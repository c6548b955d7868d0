import Knobs
import ReceivePath

extension EthtoolParameters {
  /// "rx 256/4096": now and at most; flags as on and off.
  var words: String {
    let told = parameters.filter { !$0.mayBeAbsent }
    var words = told.map { parameter in
      let maximum = parameter.maximum.map { "/\($0)" } ?? ""
      return "\(parameter.name) \(parameter.value.description)\(maximum)"
    }
    if told.count < parameters.count {
      words.append(told.isEmpty ? "all 0 or not supported" : "the others 0 or not supported")
    }
    return words.isEmpty ? "none reported" : words.joined(separator: ", ")
  }

  /// {"rx": {"value": 256, "max": 4096}, "adaptive-rx": {"value": false}}
  static let shape = Shape<[(String, EthtoolParameters.Parameter)]>
    .keyed(
      by: Record<EthtoolParameters.Parameter>([
        Field("value", "Current value.", .knobValue) { $0.value },
        Field(optional: "max", "Maximum that the device reports.", .integer) {
          $0.maximum.map { Int(clamping: $0) }
        },
        Field(
          optional: "may-be-absent",
          "Whether 0 may mean \"not supported\": the ioctl does not tell.",
          .bool
        ) { $0.mayBeAbsent ? true : nil },
      ]).shape
    )
    .from { (parameters: EthtoolParameters) in parameters.parameters.map { ($0.name, $0) } }
}
