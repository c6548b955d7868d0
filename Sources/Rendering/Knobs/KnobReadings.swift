package import Knobs
package import ReceivePath

/// A knob at one place, and what was found there.
package struct KnobRow: Sendable {
  package var knob: Knob
  package var target: Target
  package var reading: Reading<KnobReading>

  package init(_ knob: Knob, _ target: Target, _ reading: Reading<KnobReading>) {
    self.knob = knob
    self.target = target
    self.reading = reading
  }
}

/// `rxtune get`: readings, those of one knob together.
package struct KnobReadings: Document, Sendable {
  private let rows: [KnobRow]

  package init(_ rows: [KnobRow]) {
    self.rows = rows
  }

  /// A row a knob and place.
  package var lines: [String] {
    var table = Table([
      .left("KNOB"), .left("AT"), .left("VALUE"), .left("UNIT"), .left("RANGE"), .left("FROM"),
    ])
    for row in rows {
      let reading = row.reading.value
      table.add([
        row.knob.id,
        row.knob.belongsToProgram ? nil : row.target.name(for: row.knob),
        Words.of(row.reading) {
          Self.shortened($0.value.description) + ($0.isFixed ? " [fixed]" : "")
            + ($0.mayBeAbsent ? " or not supported" : "")
        },
        row.knob.unitWord, row.knob.rangeWords(reading), reading?.origin,
      ])
    }
    return table.lines()
  }

  /// Keys and tables are long: JSON has them whole.
  private static func shortened(_ value: String) -> String {
    value.count <= 40 ? value : value.prefix(39) + "…"
  }

  package static let shape = Record<[Survey]>([
    Field("knobs", "The knobs asked for.", .array(of: survey)) { $0 }
  ]).shape.from { (readings: KnobReadings) in Survey.all(readings.rows) }

  /// A knob at all of its places.
  private struct Survey: Sendable {
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
    Field("id", "Id of the knob.", .string) { $0.knob.id },
    Field("stage", "Stage of the knob.", .stage) { $0.knob.stage.rawValue },
    Field("scope", "What one value of the knob belongs to.", .scope) { $0.knob.scope.rawValue },
    Field("unit", "Unit of the value.", .string) { $0.knob.unit.rawValue },
    Field("values", "One value per place.", .array(of: value)) { $0.rows },
  ]).shape

  private static let value = Record<KnobRow>(
    placeFields { $0.target } + [
      Field(optional: "value", "Current value.", .knobValue) { $0.reading.value?.value },
      Field(optional: "minimum", "Minimum that the device reports.", .integer) {
        $0.reading.value?.minimum.map { Int(clamping: $0) }
      },
      Field(optional: "maximum", "Maximum that the device reports.", .integer) {
        $0.reading.value?.maximum.map { Int(clamping: $0) }
      },
      Field(optional: "fixed", "Whether the driver cannot switch it.", .bool) {
        $0.reading.value.flatMap { $0.isFixed ? true : nil }
      },
      Field(
        optional: "may-be-absent", "Whether 0 may mean \"not supported\": the ioctl does not tell.",
        .bool
      ) { $0.reading.value.flatMap { $0.mayBeAbsent ? true : nil } },
      Field(optional: "origin", "Where the value comes from.", .string) {
        $0.reading.value?.origin
      },
      Field(
        optional: "absent", "Why there is no value.",
        .oneOf(Absence.Reason.allCases.map(\.rawValue))
      ) { $0.reading.absence?.reason.rawValue },
      Field(optional: "detail", "The kernel's message.", .string) {
        $0.reading.absence?.detail
      },
    ]
  ).shape

  /// The members that name a place; the host's has none.
  private static func placeFields<Subject>(
    _ target: @escaping @Sendable (Subject) -> Target
  ) -> [Field<Subject>] {
    [
      Field(optional: "device", "The device.", .string) { target($0).device },
      Field(optional: "direction", "Direction of the queue: rx or tx.", .string) {
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
}
