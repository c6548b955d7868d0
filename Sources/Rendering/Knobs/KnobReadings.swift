import Knobs
package import ReceivePath

/// `rxtune get`: readings, those of one knob together.
package struct KnobReadings: Document, Sendable {
  private let rows: [KnobSurvey]

  package init(_ rows: [KnobSurvey]) {
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
        row.knob.belongsToProgram ? nil : row.live.name(for: row.knob),
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
    var rows: [KnobSurvey]

    /// Rows of one knob stand together already.
    fileprivate static func all(_ rows: [KnobSurvey]) -> [Survey] {
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

  private static let value = Record<KnobSurvey>(
    [
      Field(
        optional: "place", "Where the value belongs; absent where only programs have it.",
        PlaceJSON.shape
      ) {
        $0.knob.belongsToProgram ? nil : PlaceJSON($0.knob, at: $0.place, live: $0.live)
      },
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
}
