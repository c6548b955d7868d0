package import Knobs
import ReceivePath
import Tuning

/// `rxtune knobs`: knobs as the catalogue declares them.
package struct KnobList: Document, Sendable {
  private let knobs: [Knob]

  package init(_ knobs: [Knob]) {
    self.knobs = knobs
  }

  package var lines: [String] {
    guard !knobs.isEmpty else { return [] }
    var table = Table([
      .left("KNOB"), .left("SCOPE"), .left("UNIT"), .left("RANGE"), .left("SUMMARY"),
    ])
    for knob in knobs {
      table.add([
        knob.id, knob.scope.rawValue, knob.unitWord, knob.rangeWords(nil), knob.summary,
      ])
    }
    return table.lines()
  }

  package static let shape = Record<KnobList>([
    Field("knobs", "Knobs in the order of the stages.", .array(of: declaration)) { $0.knobs }
  ]).shape

  private static let declaration = Record<Knob>([
    Field("id", "Id of the knob.", .string) { $0.id },
    Field(optional: "aliases", "Other names of the knob.", .array(of: .string)) {
      $0.aliases.isEmpty ? nil : $0.aliases
    },
    Field("stage", "Stage of the knob.", .stage) { $0.stage.rawValue },
    Field("scope", "What one value of the knob belongs to.", .scope) { $0.scope.rawValue },
    Field("summary", "What the knob does.", .string) { $0.summary },
    Field("unit", "Unit of the value.", .string) { $0.unit.rawValue },
    Field(
      optional: "fields", "Names of the value's numbers, if it has several.", .array(of: .string)
    ) {
      $0.fields.isEmpty ? nil : $0.fields
    },
    Field(optional: "minimum", "Minimum value.", .integer) {
      switch $0.range {
      case .between(let low, _), .reported(let low): Int(clamping: low)
      case .any, .existing, .oneOf: nil
      }
    },
    Field(optional: "maximum", "Maximum value.", .integer) {
      if case .between(_, let high) = $0.range { Int(clamping: high) } else { nil }
    },
    Field(optional: "words", "Allowed words.", .array(of: .string)) {
      if case .oneOf(let words) = $0.range { words } else { nil }
    },
    Field(
      optional: "policies", "Policies that can choose its value, instead of a value.",
      .array(of: policy)
    ) {
      let policies = $0.isWritable ? Policy.suiting($0) : []
      return policies.isEmpty ? nil : policies
    },
    Field(optional: "default", "The kernel's default.", .string) { $0.defaultValue },
    Field("settles", "How the value read back relates to the value written.", .string) {
      $0.settles.rawValue
    },
    Field("writable", "Whether the knob can be set.", .bool) { $0.isWritable },
    Field("risks", "Risks of a change.", .array(of: .string)) {
      $0.risks.map(\.rawValue).sorted()
    },
    Field("invalidates", "Knobs, or groups of them, that a change resets.", .array(of: .string)) {
      $0.invalidates.map(\.word)
    },
    Field("document", "Kernel document, below Documentation/.", .string) { $0.document },
    Field(optional: "since", "First kernel with the knob; ~ marks a version from memory.", .string)
    { $0.since },
    Field(optional: "notes", "Notes.", .string) { $0.notes },
  ]).shape

  private static let policy = Record<Policy>([
    Field("name", "The policy, as set and profiles take it.", .string) { $0.name },
    Field("summary", "What it chooses.", .string) { $0.summary },
  ]).shape
}

extension Knob {
  /// The unit, where it says more than the value does.
  var unitWord: String? {
    switch unit {
    case .flag, .number, .text, .cpus, .rxQueues, .idleStates: nil
    default: unit.rawValue
    }
  }

  /// What it takes, in a few words; device-reported limits count where they are known.
  func rangeWords(_ reading: KnobReading?) -> String? {
    switch form {
    case .flag: "on, off"
    case .set: unit.rawValue
    case .number: range.text(minimum: reading?.minimum, maximum: reading?.maximum)
    case .numbers(let count): "\(count) of \(range.text())"
    default: range == .any ? nil : range.text()
    }
  }
}

extension Shape where Value == String {
  static var stage: Shape { .oneOf(Stage.allCases.map(\.rawValue)) }
  static var scope: Shape { .oneOf(Knob.Scope.allCases.map(\.rawValue)) }
}
