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
          "\(row.setting.place)", row.setting.knob.id, row.setting.value.description,
          Self.found(row.found), row.suspicion,
        ])
      }
      lines = table.lines()
    }
    lines += verification.problems
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

package enum VerificationJSON {
  package static func document(_ verification: Verification) -> JSON {
    .object([
      "good": .bool(verification.isGood),
      "settings": .array(
        verification.rows.map { row in
          .object([
            "knob": .string(row.setting.knob.id), "place": PlanJSON.place(row.setting.place),
            "wanted": PlanJSON.value(row.setting.value),
            "found": {
              switch row.found {
              case .wanted: PlanJSON.value(row.setting.value)
              case .other(let value): PlanJSON.value(value)
              case .unreadable: nil
              }
            }(),
            "unreadable": {
              if case .unreadable(let why) = row.found { .string(why) } else { nil }
            }(),
            "as_wanted": .bool(row.isAsWanted),
            "probably": row.suspicion.map { .string($0) },
          ])
        }),
      "problems": .strings(verification.problems),
    ])
  }
}
