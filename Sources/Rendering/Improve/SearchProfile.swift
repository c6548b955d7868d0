import Knobs
package import Scaling
import Tuning

/// The winner of a search as a profile in which each line carries its evidence; what did not help stands
/// below as comments.
package enum SearchProfile {
  package static func text(name: String, _ report: SearchReport, day: String) -> String {
    let evidence = evidence(report, day: day)
    func quoted(_ text: String) -> String { ProfileWriter.quoted(text) }
    var lines = [
      "# Found by measurement; rxtune improve found it better than the settings that were there.",
      "name: \(quoted(name))",
      "summary: \(quoted("Better \(SearchText.figure(report.plan.goal)) for \(report.session.workload)"))",
      "settings:",
    ]
    for winner in report.settings {
      let (assignment, places) = Place.Part.split(assignment: winner)
      let halves = assignment.split(separator: "=", maxSplits: 1).map(String.init)
      guard let knob = halves.first, halves.count == 2 else { continue }
      let value = halves[1]
      lines.append("  \(knob):")
      if places.isEmpty {
        lines += [
          "    value: \(quoted(value))", "    why: \(quoted(evidence))",
          "    source: rxtune improve",
        ]
      } else {
        lines += ["    # \(evidence)"] + places.map { "    \($0): \(quoted(value))" }
      }
    }
    let others = report.tried.filter { !report.winners.contains($0.candidate) }
    if !others.isEmpty || !report.untried.isEmpty {
      lines += ["", "# Tried, and not in it:"]
    }
    for row in others {
      let gain = row.gain.flatMap(SearchText.percent).map { " \($0)" } ?? ""
      lines.append(
        "#   \(report.plan.candidates[row.candidate].name): \(row.fate.rawValue)\(gain), "
          + Format.count(row.rounds, "round"))
    }
    lines += report.untried.map { "#   not tried: \($0.name): \($0.reason)" }
    return lines.map(Terminal.printable).joined(separator: "\n") + "\n"
  }

  /// "rate +7.2 % [+5.1 to +9.3 %] in 18 rounds, p99 -2.0 % […]; crr on reuseport with 1 worker,
  /// Linux 6.18.44, 2026-11-30"
  static func evidence(_ report: SearchReport, day: String) -> String {
    guard let duel = report.outcome.duel else { return "" }
    let costs = duel.costs.sorted { $0.key < $1.key }.compactMap(SearchText.cost)
    let figures =
      [
        "\(SearchText.figure(report.plan.goal)) better by \(SearchText.percent(duel.gain) ?? "") in "
          + Format.count(duel.rounds, "round")
      ] + costs
    return
      "\(figures.joined(separator: ", ")); \(report.session.workload), Linux \(report.session.machine.kernel), "
      + day
  }
}
