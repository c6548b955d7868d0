package import Notation
package import Tuning

extension Plan: Document {
  package var lines: [String] { PlanText(self).lines }
  package static let shape = PlanJSON.shape
}

extension Verification: Document {
  package var lines: [String] { VerificationText(self).lines }
  package static let shape = VerificationJSON.shape
}

/// A change that was made.
package struct ChangeDocument: Document {
  private let plan: Plan
  private let report: Tuner.Report

  package init(_ plan: Plan, _ report: Tuner.Report) {
    self.plan = plan
    self.report = report
  }

  package var lines: [String] { ReportText(plan, report).lines }
  package static let shape = ReportJSON.shape.from { (change: ChangeDocument) in
    (change.plan, change.report)
  }
}

/// `rxtune history`: for people the newest change first, in JSON the oldest.
package struct HistoryDocument: Document {
  private let entries: [(entry: Archive.Entry, isOver: Bool)]

  package init(_ entries: [(entry: Archive.Entry, isOver: Bool)]) {
    self.entries = entries
  }

  package var lines: [String] { HistoryText(entries).lines }
  package static let shape = HistoryJSON.shape.from { (history: HistoryDocument) in
    history.entries
  }
}

/// `rxtune watch`: one thing that was found.
package struct DriftDocument: Document {
  private let time: TimeStamp
  private let finding: DriftWatch.Finding

  package init(_ finding: DriftWatch.Finding, at time: TimeStamp) {
    self.time = time
    self.finding = finding
  }

  package var lines: [String] { ["\(time) \(DriftText.line(finding))"] }
  package static let shape = DriftJSON.shape.from { (drift: DriftDocument) in
    (drift.time, drift.finding)
  }
}
