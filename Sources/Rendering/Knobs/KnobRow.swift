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

extension Table {
  /// Readings for people: a row a knob and place.
  package static func knobs(_ rows: [KnobRow]) -> Table {
    var table = Table([
      .left("KNOB"), .left("AT"), .left("VALUE"), .left("UNIT"), .left("RANGE"), .left("FROM"),
    ])
    for row in rows {
      let reading = row.reading.value
      table.add([
        row.knob.id,
        row.knob.belongsToProgram ? nil : row.target.name(for: row.knob),
        Words.of(row.reading) {
          shortened($0.value.description) + ($0.isFixed ? " [fixed]" : "")
            + ($0.mayBeAbsent ? " or not supported" : "")
        },
        row.knob.unitWord, row.knob.rangeWords(reading), reading?.origin,
      ])
    }
    return table
  }

  /// Keys and tables are long: JSON has them whole.
  private static func shortened(_ value: String) -> String {
    value.count <= 40 ? value : value.prefix(39) + "…"
  }

  /// The catalogue for people.
  package static func catalogue(_ knobs: [Knob]) -> Table {
    var table = Table([
      .left("KNOB"), .left("SCOPE"), .left("UNIT"), .left("RANGE"), .left("SUMMARY"),
    ])
    for knob in knobs {
      table.add([
        knob.id, knob.scope.rawValue, knob.unitWord, knob.rangeWords(nil), knob.summary,
      ])
    }
    return table
  }
}

extension Knob {
  /// The unit, where it says more than the value does.
  package var unitWord: String? {
    switch unit {
    case .flag, .number, .text, .cpus, .rxQueues, .idleStates: nil
    default: unit.rawValue
    }
  }

  /// What it takes, in a few words; device-reported limits count where they are known.
  package func rangeWords(_ reading: KnobReading?) -> String? {
    switch form {
    case .flag: "on, off"
    case .set: unit.rawValue
    case .text: range == .any ? nil : range.text()
    case .number: range.text(minimum: reading?.minimum, maximum: reading?.maximum)
    case .numbers(let count): "\(count) of \(range.text())"
    }
  }
}
