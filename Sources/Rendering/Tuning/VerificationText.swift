import Knobs
package import Tuning

/// A verification for people: what is not as wanted, and how much was looked at.
package struct VerificationText {
  package let lines: [String]

  package init(_ verification: Verification) {
    var lines: [String] = []
    if !verification.failures.isEmpty {
      var table = Table([
        .left("PLACE"), .left("KNOB"), .left("WANTED"), .left("FOUND"), .left("PROBABLY"),
      ])
      for row in verification.failures {
        table.add([
          row.setting.placeName, row.setting.knob.id, row.setting.value.description,
          Self.found(row.found), row.suspicion,
        ])
      }
      lines = table.lines()
    }
    lines += verification.notes.map { "note: \($0)" } + verification.problems
    let good = verification.rows.count - verification.failures.count
    lines.append("\(good) of \(verification.rows.count) settings are as wanted.")
    self.lines = lines
  }

  private static func found(_ found: Verification.Found) -> String {
    switch found {
    case .wanted: "as wanted"
    case .other(let value): value.description
    case .unreadable(let why): why
    }
  }
}
