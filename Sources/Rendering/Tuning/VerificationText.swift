import Knobs
import ReceivePath
package import Tuning

/// A verification for people: what is not as wanted, and how much was looked at.
package struct VerificationText {
  package let lines: [String]

  package init(_ verification: Verification) {
    var lines: [String] = []
    if !verification.failures.isEmpty {
      var table = Table([
        .left("PLACE"), .left("KNOB"), .left("WANTED"), .left("FOUND"), .left("CULPRIT"),
      ])
      for run in Self.runs(verification.failures) {
        guard let row = run.first else { continue }
        table.add([
          Self.places(run), row.setting.knob.id, row.setting.value.description, Self.found(row),
          row.culprit?.words,
        ])
      }
      lines = table.lines()
    }
    lines += verification.notes.map { "note: \($0)" } + verification.problems
    let count = verification.rows.count
    if count > 0 {
      lines.append("\(count - verification.failures.count) of \(count) settings hold.")
    }
    self.lines = lines
  }

  private static func found(_ row: Verification.Row) -> String {
    switch row.found {
    case .wanted: "the value set"
    case .other(let value): value.description
    case .unreadable(let why): row.isGone ? "not there" : why
    }
  }

  /// Neighbours of which the same is to be said.
  private static func runs(_ rows: [Verification.Row]) -> [[Verification.Row]] {
    var runs: [[Verification.Row]] = []
    for row in rows {
      if let last = runs.last?.last, last.setting.knob == row.setting.knob,
        last.setting.value == row.setting.value, found(last) == found(row),
        last.culprit == row.culprit, follows(last.setting.place, row.setting.place)
      {
        runs[runs.count - 1].append(row)
      } else {
        runs.append([row])
      }
    }
    return runs
  }

  private static func follows(_ first: Place, _ second: Place) -> Bool {
    guard first.device == second.device else { return false }
    return switch first.part {
    case .queue(let direction, let index): second.part == .queue(direction, index + 1)
    case .napi(let rank): second.part == .napi(rank: rank + 1)
    default: false
    }
  }

  /// "eth0 rx-0 to rx-3".
  private static func places(_ run: [Verification.Row]) -> String {
    guard let first = run.first?.setting, let last = run.last?.setting, run.count > 1,
      let end = last.placeName.split(separator: " ", maxSplits: 1).last
    else { return run.first?.setting.placeName ?? "" }
    return "\(first.placeName) to \(end)"
  }
}
