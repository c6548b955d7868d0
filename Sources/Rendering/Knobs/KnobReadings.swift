import Knobs
package import ReceivePath

/// `rxtune get`: readings, those of one knob together.
package struct KnobReadings: Document, Sendable {
  private let rows: [KnobSurvey]

  package init(_ rows: [KnobSurvey]) {
    self.rows = rows
  }

  /// A row a knob and place; neighbouring places of which the same is to be said share one.
  package var lines: [String] {
    var cells: [(knob: Knob, places: PlaceRange?, rest: [String?], origin: String?)] = []
    for row in rows {
      let reading = row.reading.value
      let rest: [String?] = [
        row.knob.id,
        Words.of(row.reading) {
          Self.shortened($0.value.description) + ($0.isFixed ? " [fixed]" : "")
            + ($0.mayBeAbsent ? " or not supported" : "")
        },
        row.knob.unitWord, row.knob.rangeWords(reading),
      ]
      let place = row.knob.belongsToProgram ? nil : row.live
      if let last = cells.last, last.rest == rest, let place,
        let places = last.places?.continued(by: place)
      {
        cells[cells.count - 1].places = places
        cells[cells.count - 1].origin = Self.common(last.origin, reading?.origin)
      } else {
        cells.append((row.knob, place.map(PlaceRange.init), rest, reading?.origin))
      }
    }
    var table = Table(
      [
        .left("PLACE", folds: true), .left("KNOB"), .left("VALUE"), .left("UNIT", folds: true),
        .left("RANGE", folds: true), .left("FROM", folds: true),
      ], of: "knobs")
    for row in cells { table.add([row.places?.name(for: row.knob)] + row.rest + [row.origin]) }
    return table.lines()
  }

  /// "/proc/irq/N/affinity_hint" of two that differ in a number.
  private static func common(_ one: String?, _ other: String?) -> String? {
    guard let one, let other, one != other else { return one }
    let isNumber = { (character: Character) in ("0"..."9").contains(character) || character == "N" }
    var head = String(zip(one, other).prefix { $0 == $1 }.map(\.0))
    while let last = head.last, isNumber(last) { head.removeLast() }
    let tail = one.dropFirst(head.count).drop(while: isNumber)
    return other.hasSuffix(tail) ? "\(head)N\(tail)" : nil
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
