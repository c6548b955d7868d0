import Knobs

/// Watches that changes in force stay so, and puts back what drifted.
package final class DriftWatch {
  /// What a look found that the look before did not.
  package struct Finding: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
      case drifted(Verification.Row)
      /// By someone else: it is as wanted again.
      case healed(Setting)
      case repaired(Setting)
      case notRepaired(Setting, String)
      /// Put back too often: someone else wants another value.
      case contested(Setting)
      case problem(String)
    }
    package var kind: Kind
    package init(_ kind: Kind) { self.kind = kind }
  }

  /// Repairs of one setting within a minute, after which it is left alone.
  private static let patience = 5

  private let settings: any Settings
  private let entries: () throws(TuningError) -> [Archive.Entry]
  private let traces: Traces
  private var drifted: [Setting.Key: Verification.Row] = [:]
  private var problems: Set<String> = []
  private var repairs: [Setting.Key: [Int64]] = [:]

  package init(
    _ settings: any Settings, traces: Traces,
    entries: @escaping () throws(TuningError) -> [Archive.Entry]
  ) {
    self.settings = settings
    self.traces = traces
    self.entries = entries
  }

  /// Compares once.
  ///
  /// - Parameters:
  ///   - devices: only of these; of all where it is empty. The host's own settings always count.
  ///   - repairs: puts back what drifted.
  ///   - now: milliseconds of a clock that only goes forward.
  package func look(
    devices: [String], repairs isRepairing: Bool, now: Int64
  ) throws(TuningError) -> [Finding] {
    settings.refresh()
    let verification = Verification(inForce: try entries(), settings, traces: traces)
    let rows = verification.rows.filter { row in
      row.setting.place.device.map { devices.isEmpty || devices.contains($0) } ?? true
    }
    var findings = verification.problems.filter { problems.insert($0).inserted }
      .map { Finding(.problem($0)) }
    problems.formIntersection(verification.problems)
    for row in rows {
      let key = row.setting.key
      if row.isAsWanted {
        if drifted.removeValue(forKey: key) != nil {
          findings.append(Finding(.healed(row.setting)))
        }
      } else if drifted[key]?.found != row.found {
        drifted[key] = row
        findings.append(Finding(.drifted(row)))
      }
    }
    let due = rows.filter { !$0.isAsWanted }.map(\.setting)
    if isRepairing && !due.isEmpty { findings += repair(due, now) }
    return findings
  }

  /// In write order, each for itself: one that the kernel refuses keeps no other from coming back.
  private func repair(_ due: [Setting], _ now: Int64) -> [Finding] {
    var findings: [Finding] = []
    let goals = Convergence.ordered(due.map { Convergence.Goal($0, isRequired: true) })
    for goal in goals {
      let key = goal.setting.key
      let recent = repairs[key, default: []].filter { now - $0 < 60_000 }
      guard recent.count < Self.patience else {
        if recent.count == Self.patience { findings.append(Finding(.contested(goal.setting))) }
        // Counted once more, so that it is said once.
        repairs[key] = recent.count == Self.patience ? recent + [now] : recent
        continue
      }
      repairs[key] = recent + [now]
      var convergence = Convergence(settings)
      do {
        try convergence.reach([goal])
        drifted[key] = nil
        findings.append(Finding(.repaired(goal.setting)))
      } catch {
        findings.append(Finding(.notRepaired(goal.setting, error.description)))
      }
    }
    return findings
  }
}
