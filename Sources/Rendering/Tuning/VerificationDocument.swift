import Knobs
package import Tuning

/// What does not hold, and how much was looked at.
extension Verification: MarkedDocument {
  package var marked: [String] {
    var lines: [String] = []
    if !failures.isEmpty {
      var table = Table([
        .left("PLACE"), .left("KNOB"), .left("WANTED"), .left("FOUND"), .left("CULPRIT"),
      ])
      for (places, row) in Self.ranges(failures) {
        let knob = row.setting.knob
        table.add([
          places.name(for: knob), knob.id, row.setting.value.description,
          Terminal.alarm(Self.found(row)),
          row.culprit?.words,
        ])
      }
      lines = table.lines()
    }
    lines += notes.map { "note: \($0)" } + problems
    if !rows.isEmpty {
      lines.append("\(rows.count - failures.count) of \(rows.count) settings hold.")
    }
    return lines
  }

  private static func found(_ row: Row) -> String {
    switch row.found {
    case .wanted: "the value set"
    case .other(let value): value.description
    case .unreadable(let why): row.isGone ? "not there" : why
    }
  }

  /// Neighbours of which the same is to be said, with the first of them.
  private static func ranges(_ rows: [Row]) -> [(places: PlaceRange, row: Row)] {
    var ranges: [(places: PlaceRange, row: Row)] = []
    for row in rows {
      if let (places, first) = ranges.last, first.setting.knob == row.setting.knob,
        first.setting.value == row.setting.value, found(first) == found(row),
        first.culprit == row.culprit, let longer = places.continued(by: row.setting.place)
      {
        ranges[ranges.count - 1].places = longer
      } else {
        ranges.append((PlaceRange(row.setting.place), row))
      }
    }
    return ranges
  }

  // MARK: JSON

  package static let shape = Record<Verification>([
    Field("good", "Whether every setting holds, and there was one to check.", .bool) { $0.isGood },
    Field("settings", "The settings checked.", .array(of: row)) { $0.rows },
    Field("notes", "Notes that are no fault, such as a renamed device.", .array(of: .string)) {
      $0.notes
    },
    Field("problems", "Problems of the whole check.", .array(of: .string)) { $0.problems },
  ]).shape

  private static let row = Record<Row>(
    SettingJSON.keyFields { $0.setting } + [
      Field("wanted", "The value set, as the device settled it.", .knobValue) { $0.setting.value }
    ] + foundFields { $0 } + [
      Field("as-wanted", "Whether the setting holds.", .bool) { $0.isAsWanted }
    ]
  ).shape

  /// The members that say what is there now.
  static func foundFields<Subject>(
    _ row: @escaping @Sendable (Subject) -> Row?
  ) -> [Field<Subject>] {
    [
      Field(optional: "found", "The value found.", .knobValue) {
        guard let row = row($0) else { return nil }
        return switch row.found {
        case .wanted: row.setting.value
        case .other(let value): value
        case .unreadable: nil
        }
      },
      Field(optional: "unreadable", "Why the value cannot be read.", .string) {
        if case .unreadable(let why) = row($0)?.found { why } else { nil }
      },
      Field(optional: "culprit", "What changed the setting.", CulpritJSON.shape) {
        row($0)?.culprit
      },
    ]
  }
}
