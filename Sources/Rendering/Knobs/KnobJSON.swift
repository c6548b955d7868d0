package import Knobs
package import ReceivePath

/// `rxtune get --json` and `rxtune knobs --json`.
package enum KnobJSON {
  /// Readings, those of one knob together.
  package static let readings = Record<[Survey]>([
    Field("knobs", "The knobs asked for.", .array(of: survey)) { $0 }
  ]).shape.from { (rows: [KnobRow]) in Survey.all(rows) }

  /// A knob at all of its places.
  package struct Survey: Sendable {
    var knob: Knob
    var rows: [KnobRow]

    /// Rows of one knob stand together already.
    fileprivate static func all(_ rows: [KnobRow]) -> [Survey] {
      var surveys: [Survey] = []
      for row in rows {
        if surveys.last?.knob.id == row.knob.id {
          surveys[surveys.count - 1].rows.append(row)
        } else {
          surveys.append(Survey(knob: row.knob, rows: [row]))
        }
      }
      return surveys
    }
  }

  private static let survey = Record<Survey>([
    Field("id", "The knob.", .string) { $0.knob.id },
    Field("stage", "Its stage.", .stage) { $0.knob.stage.rawValue },
    Field("scope", "What one value belongs to.", .scope) { $0.knob.scope.rawValue },
    Field("unit", "Its unit.", .string) { $0.knob.unit.rawValue },
    Field("values", "A value a place.", .array(of: value)) { $0.rows },
  ]).shape

  private static let value = Record<KnobRow>(
    placeFields { $0.target } + [
      Field(optional: "value", "Now.", .knobValue) { $0.reading.value?.value },
      Field(optional: "minimum", "What the device reports.", .integer) {
        $0.reading.value?.minimum.map { Int(clamping: $0) }
      },
      Field(optional: "maximum", "What the device reports.", .integer) {
        $0.reading.value?.maximum.map { Int(clamping: $0) }
      },
      Field(optional: "fixed", "The driver offers no switch.", .bool) {
        $0.reading.value.flatMap { $0.isFixed ? true : nil }
      },
      Field(
        optional: "may-be-absent", "The ioctl tells 0 of what the driver does not have, too.", .bool
      ) { $0.reading.value.flatMap { $0.mayBeAbsent ? true : nil } },
      Field(optional: "origin", "Where the value came from.", .string) {
        $0.reading.value?.origin
      },
      Field(
        optional: "absent", "Why there is no value.",
        .oneOf(Absence.Reason.allCases.map(\.rawValue))
      ) { $0.reading.absence?.reason.rawValue },
      Field(optional: "detail", "What the kernel said.", .string) {
        $0.reading.absence?.detail
      },
    ]
  ).shape

  /// The members that name a place; the host's has none.
  package static func placeFields<Subject>(
    _ target: @escaping @Sendable (Subject) -> Target
  ) -> [Field<Subject>] {
    [
      Field(optional: "device", "The device.", .string) { target($0).device },
      Field(optional: "direction", "rx or tx.", .string) {
        if case .queue(_, let direction, _) = target($0) { direction.rawValue } else { nil }
      },
      Field(optional: "queue", "The queue.", .integer) {
        if case .queue(_, _, let queue) = target($0) { queue } else { nil }
      },
      Field(optional: "napi-id", "The NAPI instance.", .counter32) {
        if case .napi(_, let id) = target($0) { id } else { nil }
      },
      Field(optional: "irq", "The IRQ.", .integer) {
        if case .irq(let number) = target($0) { number } else { nil }
      },
      Field(optional: "cpu", "The CPU.", .integer) {
        if case .cpu(let number) = target($0) { number } else { nil }
      },
    ]
  }

  /// The catalogue: all that a knob declares.
  package static let catalogue = Record<[Knob]>([
    Field("knobs", "In the order of the stages.", .array(of: declaration)) { $0 }
  ]).shape

  private static let declaration = Record<Knob>([
    Field("id", "The knob.", .string) { $0.id },
    Field(optional: "aliases", "Other names of it.", .array(of: .string)) {
      $0.aliases.isEmpty ? nil : $0.aliases
    },
    Field("stage", "Its stage.", .stage) { $0.stage.rawValue },
    Field("scope", "What one value belongs to.", .scope) { $0.scope.rawValue },
    Field("summary", "What it does.", .string) { $0.summary },
    Field("unit", "Its unit.", .string) { $0.unit.rawValue },
    Field(optional: "fields", "What its several numbers are.", .array(of: .string)) {
      $0.fields.isEmpty ? nil : $0.fields
    },
    Field(optional: "minimum", "The least it takes.", .integer) {
      switch $0.range {
      case .between(let low, _), .reported(let low): Int(clamping: low)
      case .any, .existing, .oneOf: nil
      }
    },
    Field(optional: "maximum", "The most it takes.", .integer) {
      if case .between(_, let high) = $0.range { Int(clamping: high) } else { nil }
    },
    Field(optional: "words", "The words it takes.", .array(of: .string)) {
      if case .oneOf(let words) = $0.range { words } else { nil }
    },
    Field(optional: "default", "The kernel's own value.", .string) { $0.defaultValue },
    Field("settles", "How a read-back relates to what was written.", .string) {
      $0.settles.rawValue
    },
    Field("writable", "It can be set.", .bool) { $0.isWritable },
    Field("risks", "What a change puts at risk.", .array(of: .string)) {
      $0.risks.map(\.rawValue).sorted()
    },
    Field("invalidates", "Knobs, or groups of them, that a change resets.", .array(of: .string)) {
      $0.invalidates
    },
    Field("document", "Below the kernel's Documentation/.", .string) { $0.document },
    Field(optional: "since", "First kernel; ~ where recalled.", .string) { $0.since },
    Field(optional: "notes", "What to know before.", .string) { $0.notes },
  ]).shape
}

extension Shape where Value == String {
  fileprivate static var stage: Shape { .oneOf(Stage.allCases.map(\.rawValue)) }
  fileprivate static var scope: Shape { .oneOf(Knob.Scope.allCases.map(\.rawValue)) }
}
