import KernelIO
package import Knobs

/// Whether settings are as wanted, and what probably changed those that are not.
///
/// It cannot come out well by having looked at nothing, and a value that cannot be read is a
/// failure.
package struct Verification: Hashable, Sendable {
  package struct Row: Hashable, Sendable {
    package var setting: Setting
    package var found: Found
    /// What took it from the value that was set.
    package var culprit: Culprit?
    /// What is written to bring `setting` back.
    var goal: Setting

    package var isAsWanted: Bool { found == .wanted }
    /// Its place is there no more.
    package fileprivate(set) var isGone = false

    package init(setting: Setting, found: Found, culprit: Culprit? = nil) {
      (self.setting, self.found, self.culprit) = (setting, found, culprit)
      goal = setting
    }
  }

  package enum Found: Hashable, Sendable {
    case wanted
    case other(KnobValue)
    case unreadable(String)
  }

  package var rows: [Row] = []
  /// What a reader should know and nothing is wrong with: a device that was renamed.
  package var notes: [String] = []
  /// Why there is nothing to look at, or what stands against the whole.
  package var problems: [String] = []

  package var failures: [Row] { rows.filter { !$0.isAsWanted } }
  package var isGood: Bool { !rows.isEmpty && failures.isEmpty && problems.isEmpty }

  package init() {}

  /// Compares what all changes in force left with what is there now; the newest word on a value
  /// counts.
  ///
  /// A device that was renamed is followed; of one that is gone, there is nothing to compare.
  ///
  /// - Parameter baseline: an earlier look; it becomes this one.
  package init(
    inForce entries: [Archive.Entry], _ settings: any Settings, evidence: Evidence,
    baseline: inout Baseline?
  ) {
    let identities = evidence.identities.remembering
    let journals = entries.compactMap { try? PresentJournal($0.journal.get(), identities).journal }
    var search = CulpritSearch(settings, evidence, journals, baseline: baseline)
    /// What a newer change has said something about.
    var covered: Set<Setting.Key> = []
    /// Devices whose queues a newer change has counted anew: what an older one set of a queue that
    /// went with it is no longer wanted.
    var recounted: Set<String> = []
    var drifted: [(row: Int, journal: Journal)] = []
    for entry in entries.reversed() {
      var journal: Journal
      do { journal = try entry.journal.get() } catch {
        problems.append("change \(entry.id): \(error)")
        continue
      }
      let present = PresentJournal(journal, identities)
      switch journal.state {
      case .committed, .awaiting: break
      case .open:
        problems.append("change \(journal.id) was interrupted. Try: rxtune rollback")
        continue
      case .incomplete:
        problems.append(
          "change \(journal.id) was \(Journal.notFullyRolledBack(present.journal.owed))"
            + ". Try: rxtune rollback \(journal.id)")
        continue
      case .rolledBack, .deviceGone: continue
      }
      for problem in present.departures where !problems.contains(problem) {
        problems.append(problem)
      }
      for note in present.renamings where !notes.contains(note) { notes.append(note) }
      journal = present.journal
      for setting in journal.settled {
        guard covered.insert(settings.resolved(setting.key)).inserted else { continue }
        let row = Self.row(setting, journal.keeping(setting), settings)
        if row.isGone, setting.place.device.map(recounted.contains) == true { continue }
        if !row.isAsWanted { drifted.append((rows.count, journal)) }
        rows.append(row)
      }
      for key in journal.leftAlone { covered.insert(settings.resolved(key)) }
      for setting in journal.wanted where setting.knob.group == .channels {
        if let device = setting.place.device { recounted.insert(device) }
      }
    }
    // Last, for it looks at the devices anew.
    for (row, journal) in drifted { rows[row].findCulprit(since: journal, &search) }
    baseline = search.look(rows)
    if rows.isEmpty && problems.isEmpty {
      problems.append("Nothing to verify: no change is in force.")
    }
  }

  package init(inForce entries: [Archive.Entry], _ settings: any Settings, evidence: Evidence) {
    var baseline: Baseline?
    self.init(inForce: entries, settings, evidence: evidence, baseline: &baseline)
  }

  /// Compares a profile with what is there now.
  package init(
    _ plan: Plan, _ settings: any Settings, evidence: Evidence, journals: [Journal]
  ) {
    let journals = journals.map { PresentJournal($0, evidence.identities).journal }
    var search = CulpritSearch(settings, evidence, journals)
    for change in plan.changes {
      var row = Row(
        setting: change.setting,
        found: change.old.map { .other($0) } ?? .unreadable("not there yet"))
      row.isGone = change.old == nil
      let set = journals.last { $0.state == .committed && $0.settled.contains(change.setting) }
      if let set { row.findCulprit(since: set, &search) }
      rows.append(row)
    }
    rows += plan.satisfied.map { Row(setting: $0, found: .wanted) }
    problems = plan.caveats.filter { $0.severity == .impossible }.map(\.description)
    if rows.isEmpty { problems.append("nothing in the profile applies to these devices") }
  }

  private static func row(
    _ setting: Setting, _ goal: Setting, _ settings: any Settings
  ) -> Row {
    do throws(KernelError) {
      let found = try settings.read(goal.knob, at: goal.place)
      let expected = settings.expected(goal.value, of: goal.knob, at: goal.place)
      var row = Row(
        setting: setting,
        found: setting.knob.accepts(found, for: expected) ? .wanted : .other(found))
      row.goal = goal
      return row
    } catch {
      var row = Row(setting: setting, found: .unreadable(error.description))
      row.isGone = error.isOfVanishedPlace
      return row
    }
  }
}

extension Verification.Row {
  fileprivate mutating func findCulprit(since journal: Journal, _ search: inout CulpritSearch) {
    switch found {
    case .wanted: return
    case .other(let value): culprit = search.culprit(setting, found: value, journal)
    case .unreadable:
      // What cannot be read for another reason says so itself.
      if isGone { culprit = search.culprit(setting, found: nil, journal) }
    }
  }
}
