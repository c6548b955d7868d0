import Knobs
import ReceivePath

/// What the rules make of a host: findings, worst first and one for each cause; notes; and what could
/// not be looked at.
package struct Checkup: Sendable {
  /// A finding, by its rule, with what follows from the same cause.
  package struct Found: Sendable {
    package var rule: Rule
    package var finding: Diagnosis.Finding
    /// Findings of other rules that this one explains.
    package var consequences: [(rule: Rule, finding: Diagnosis.Finding)] = []
  }

  package var found: [Found] = []
  package var notes: [(rule: Rule, note: Diagnosis.Note)] = []
  package var unchecked: [(rule: Rule, subject: Diagnosis.Subject?, reason: String)] = []
  /// Rules that looked and found nothing.
  package var clean: [Rule] = []
  /// Seconds between the snapshots; nil where there is one.
  package var interval: Double?
  /// What to know of all of it: rates that cannot be relied on.
  package var remarks: [String] = []
  /// Devices that were looked at.
  package var devices: [String] = []

  package init(_ examination: Examination, rules: [Rule] = Rule.all) {
    interval = examination.interval
    remarks = examination.remarks
    devices = examination.now.devices.map(\.link.name)
    var all: [Found] = []
    for rule in rules {
      let verdicts = rule.examine(examination)
      if verdicts.isEmpty { clean.append(rule) }
      for verdict in verdicts {
        switch verdict {
        case .finding(let finding): all.append(Found(rule: rule, finding: finding))
        case .note(let note): notes.append((rule, note))
        case .unchecked(let subject, let reason): unchecked.append((rule, subject, reason))
        }
      }
    }
    found = Self.joined(all)
  }

  /// One finding for each cause: what another one explains is told with it.
  private static func joined(_ all: [Found]) -> [Found] {
    var explainers = [Int?](repeating: nil, count: all.count)
    /// The finding at the end of the chain. There are no rings: none is made below.
    func cause(of index: Int) -> Int {
      var cause = index
      while let next = explainers[cause] { cause = next }
      return cause
    }
    // From behind: of two rules that explain each other, the first does.
    for index in all.indices.reversed() {
      explainers[index] = all.indices.first { other in
        all[other].rule.explains.contains(all[index].rule.id)
          && all[other].finding.subject.covers(all[index].finding.subject)
          && cause(of: other) != index
      }
    }
    var found = all
    for index in all.indices where explainers[index] != nil {
      let cause = cause(of: index)
      found[cause].consequences.append((all[index].rule, all[index].finding))
    }
    let causes = found.indices.filter { explainers[$0] == nil }.map { found[$0] }
    // The order of the rules among equals.
    return causes.enumerated().sorted { left, right in
      let (one, other) = (left.element.finding, right.element.finding)
      return (one.severity.rank, one.confidence.rank, left.offset)
        < (other.severity.rank, other.confidence.rank, right.offset)
    }.map(\.element)
  }
}

extension Diagnosis.Subject {
  /// A cause at a device explains what is seen there, and at what is the host's or a namespace's; one
  /// at a CPU or a socket not what is seen at another.
  fileprivate func covers(_ other: Diagnosis.Subject) -> Bool {
    if let socket, let another = other.socket, socket != another { return false }
    if case .cpu(let cpu) = place.part, case .cpu(let another) = other.place.part, cpu != another {
      return false
    }
    guard let mine = place.device, let its = other.place.device else { return true }
    return mine == its
  }
}

extension CaseIterable where Self: Equatable {
  fileprivate var rank: Int { Self.allCases.enumerated().first { $0.element == self }?.offset ?? 0 }
}
