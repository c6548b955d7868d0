package import Scaling

/// A search as one page that needs nothing else.
package enum SearchPage {
  package static func html(_ report: SearchReport) -> String {
    let document = SearchDocument(report)
    let session = report.session
    let sections = [
      BenchPage.section("What helps", BenchPage.paragraphs(document.verdict)),
      BenchPage.section(
        "Warnings", BenchPage.list(report.warnings.map(\.text))),
      BenchPage.section(
        "Every candidate against the base", SearchChart.candidates(report),
        note:
          "How much better \(SearchText.figure(report.plan.goal)) is, in percent. All intervals hold "
          + "together, after every round, with \(Format.percent(1 - report.plan.errorRate, 0)) "
          + "confidence."),
      BenchPage.section(
        "The winner against the base", SearchChart.duel(report),
        note:
          "Fresh rounds, after the winner was chosen. The band is the 95 % interval of the mean."),
      BenchPage.section(
        "All figures",
        BenchPage.table(
          SearchDocument.columns + [.right("LEFT AFTER")],
          zip(document.rows, report.tried).map { cells, row in
            cells + [row.left.map { "round \($0)" }]
          }, "Those that did not leave stayed until screening ended.")),
      BenchPage.section("Not tried", BenchPage.list(document.untried)),
      BenchPage.section("Given up", BenchPage.list(document.reasons)),
      BenchPage.section(
        "The machine",
        BenchPage.machine(session.machine, session.command, session.machine.settings)),
    ]
    return BenchPage.page(
      "What helps here, measured",
      [document.heading, "\(BenchPage.moment(session.started)) UTC, \(session.tool)"],
      SearchChart.styleSheet, sections.joined())
  }
}
