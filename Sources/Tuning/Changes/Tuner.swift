import KernelIO
import Knobs
package import Notation

/// Carries plans out, and takes them back: one change at a time on a host.
package final class Tuner {
  private let settings: any Settings
  package let archive: Archive
  private let circumstances: Circumstances
  private let identities: Identities
  /// The marks that a device, or the host, bears now.
  private let fingerprint: (String?) -> Fingerprint?
  /// Told of each write before it is made.
  private let progress: ([Setting]) -> Void

  package init(
    _ settings: any Settings, _ archive: Archive, _ circumstances: Circumstances,
    identities: Identities,
    fingerprint: @escaping (String?) -> Fingerprint? = { _ in nil },
    progress: @escaping ([Setting]) -> Void = { _ in }
  ) {
    self.settings = settings
    self.archive = archive
    self.circumstances = circumstances
    self.identities = identities
    self.fingerprint = fingerprint
    self.progress = progress
  }

  // MARK: - Applying

  /// What a change came to.
  package struct Report: Hashable, Sendable {
    package var journal: Journal
    package var outcome: Convergence.Outcome
  }

  /// Journal, writes, read-back, verification: all of it or nothing.
  ///
  /// The caller holds the state directory's lock, and has called `recover`.
  ///
  /// - Parameter deadline: set where the change is rolled back unless it is confirmed by then.
  /// - Parameter journaled: called once the journal is on the disk, before the first write.
  package func apply(
    _ plan: Plan, command: String, label: String? = nil, force: Bool = false,
    deadline: TimeStamp? = nil,
    journaled: (Journal) throws(TuningError) -> Void = { _ throws(TuningError) in }
  ) throws(TuningError) -> Report {
    var blockers = plan.blockers(force: force)
    blockers += try objections(to: plan).filter { !blockers.contains($0) }
    guard blockers.isEmpty else { throw .refused(blockers, plan) }
    var journal = try newJournal(plan, command, label)
    try archive.begin(journal)
    archive.prune(circumstances) {
      belongsHere($0) ? PresentJournal($0, identities).journal : $0
    }
    do { try journaled(journal) } catch {
      _ = conclude(&journal, .rolledBack)
      throw error
    }
    var convergence = Convergence(settings, progress: progress)
    do {
      try convergence.reach(Self.goals(plan), tablesFirst: plan.tablesFirst)
    } catch {
      var failure = error
      failure.notes = plan.caveats.filter { caveat in
        error.settings.contains { $0.knob == caveat.knob && $0.place == caveat.place }
      }
      throw .failed(failure, undo: undo(&journal, after: convergence))
    }
    do { try close(&journal, convergence.outcome, deadline) } catch {
      // What cannot be put on record must not stay.
      throw .unrecorded(error, undo: undo(&journal, after: convergence))
    }
    return Report(journal: journal, outcome: convergence.outcome)
  }

  private func close(
    _ journal: inout Journal, _ outcome: Convergence.Outcome, _ deadline: TimeStamp?
  ) throws(KernelError) {
    var kinds: [Journal.Kind] = []
    for setting in journal.wanted {
      guard let value = outcome.settled[setting.key] else { continue }
      kinds.append(.settled(setting.key, value))
    }
    kinds += fingerprints(journal)
    kinds.append(deadline.map { .awaiting($0) } ?? .committed)
    try archive.append(kinds, to: &journal)
  }

  /// By these it can be told later whether something happened within the change or outside of it.
  private func fingerprints(_ journal: Journal) -> [Journal.Kind] {
    let host = fingerprint(nil).map { Journal.Kind.fingerprint(device: nil, $0) }
    let devices = journal.devices.compactMap { device in
      identities.current(device).flatMap { fingerprint($0.name) }.map {
        Journal.Kind.fingerprint(device: device.name, $0)
      }
    }
    return [host].compactMap { $0 } + devices
  }

  private func newJournal(
    _ plan: Plan, _ command: String, _ label: String?
  ) throws(TuningError) -> Journal {
    let started = TimeStamp.now()
    let id = try archive.newID(at: started)
    var devices = plan.devices
    for device in plan.before.compactMap(\.place.device) where !devices.contains(device) {
      devices.append(device)
    }
    var journal = Journal(
      id: id, bootID: circumstances.bootID, namespace: circumstances.namespace,
      pid: circumstances.pid, started: started, command: command,
      label: label, devices: devices.compactMap(identities.named), before: plan.before,
      wanted: plan.changes.map(\.setting) + plan.satisfied, leftAlone: plan.leftAlone.map(\.key))
    journal.events = fingerprints(journal).map { Journal.Event($0, at: started) }
    return journal
  }

  /// What is wanted, and what was there and is to stay.
  static func goals(_ plan: Plan) -> [Convergence.Goal] {
    var goals = plan.changes.map {
      Convergence.Goal($0.setting, isRequired: true, before: $0.old)
    }
    goals += plan.satisfied.map { Convergence.Goal($0, isRequired: true, before: $0.value) }
    let wanted = Set(goals.map(\.setting.key))
    let dropped = plan.leftToDriver
    goals += plan.before.filter { !wanted.contains($0.key) && !dropped.contains($0.key) }
      .map { Convergence.Goal($0.besideOthers, isRequired: false, before: $0.value) }
    return goals
  }

  private func undo(_ journal: inout Journal, after convergence: Convergence) -> TuningError.Undo {
    var convergence = convergence
    let writes = convergence.outcome.writes
    settings.refresh()
    let restored = restore(journal, &convergence)
    _ = conclude(&journal, restored.ending)
    switch restored.ending {
    case .incomplete: return .incomplete(restored.unrestored)
    case .deviceGone: return .deviceGone(restored.notes)
    default:
      // A refused write may have had a part of its effect, and an accepted one none: what counts
      // is what there was to restore.
      let count = convergence.outcome.writes - writes
      return count == 0 ? .nothingChanged : .complete(count)
    }
  }

  /// The last word on a change that was taken back; why it is not on record, or nil.
  private func conclude(_ journal: inout Journal, _ ending: Journal.Kind) -> KernelError? {
    // A guard tries again and again.
    switch (journal.state, ending) {
    case (.incomplete(let before), .incomplete(let now)) where before == now: return nil
    case (.deviceGone, .deviceGone): return nil
    default: break
    }
    do {
      try archive.append(fingerprints(journal) + [ending], to: &journal)
      return nil
    } catch {
      // A change that counts as in force would be made again by a watch.
      if case .incomplete = ending { return error }
      try? archive.forget(journal.id)
      return error
    }
  }

  // MARK: - Going back

  /// What was rolled back.
  package struct Restored: Hashable, Sendable {
    package var journal: Journal
    /// How the change stood before.
    package var was: Journal.State
    package var outcome: Convergence.Outcome
    /// Values that were restored where they differed.
    package var compared: Int
    /// What is not as it was, and is owed, in the names that the devices have now.
    package var unrestored: [Journal.Debt]
    /// What else is to be told: a device that is gone or renamed, a journal that could not be
    /// written.
    package var notes: [String]

    /// Whether all was restored that there was to restore.
    package var isComplete: Bool { unrestored.isEmpty && journal.state != .deviceGone }
  }

  /// Finishes what a killed process left behind: every change of this boot and namespace that
  /// was begun and not ended is rolled back, and what others owe is tried again. One that waits for
  /// its confirmation is left alone.
  package func recover() throws(TuningError) -> [Restored] {
    // All are read before the first is put back: an error has changed nothing.
    var due: [Journal] = []
    for outline in try archive.outlines().reversed() where belongsHere(outline) {
      switch outline.state {
      case .open, .incomplete: break
      case .awaiting(let deadline) where deadline < .now(): break
      case .awaiting, .committed, .rolledBack, .deviceGone: continue
      }
      due.append(try archive.journal(outline.id))
    }
    return due.map(restore)
  }

  /// The change that waits for its confirmation, if any. Where none of the others waits, a damaged
  /// journal may be its, and is the error.
  package func awaiting() throws(TuningError) -> Journal? {
    var damage: TuningError?
    for id in try archive.ids().reversed() {
      do throws(TuningError) {
        let outline = try archive.outline(id)
        guard belongsHere(outline), case .awaiting = outline.state else { continue }
        return try archive.journal(id)
      } catch { damage = damage ?? error }
    }
    if let damage { throw damage }
    return nil
  }

  /// What of a plan has to wait: it would write what a change owes that was rolled back in part.
  package func objections(to plan: Plan) throws(TuningError) -> [Caveat] {
    var caveats: [Caveat] = []
    let wanted = plan.changes.map(\.setting) + plan.satisfied
    for outline in try archive.outlines() where belongsHere(outline) {
      guard case .incomplete = outline.state else { continue }
      let present = PresentJournal(try archive.journal(outline.id), identities).journal
      let debts = present.owed
      for owed in present.due {
        guard
          let setting = wanted.first(where: {
            $0.knob.id == owed.knob.id && $0.place.device == owed.place.device
              && ($0.place.device != nil || $0.place == owed.place)
          })
        else { continue }
        let place = setting.place.device.map { Place.device($0) } ?? setting.place
        guard !caveats.contains(where: { $0.knob == setting.knob && $0.place == place }) else {
          continue
        }
        let reasons = debts.filter { $0.key == nil || $0.key?.knob == owed.knob }
        caveats.append(
          Caveat(
            .impossible, setting.knob, at: place,
            "change \(outline.id) (\(present.command)) was \(Journal.notFullyRolledBack(reasons))",
            remedy: "Try: rxtune rollback \(outline.id), or to give that up: "
              + "rxtune rollback --forget \(outline.id)"))
      }
    }
    return caveats
  }

  /// Rolls back the change of that id and all after it, the newest first; one that was rolled back
  /// in part alone. Without an id, the newest that is in force or owes something. Of those after it, a damaged one is passed over; the newest of all
  /// that is damaged leaves open what was meant.
  package func rollBack(_ id: String?) throws(TuningError) -> [Restored] {
    if let id {
      let journal = try archive.journal(id)
      guard journal.bootID == circumstances.bootID else {
        throw .cannotRollBack(id, "it was made before the last boot, which undid it")
      }
      guard belongsHere(journal) else {
        throw .cannotRollBack(
          id, "it was made in another network namespace (\(journal.namespace))")
      }
      guard journal.state != .rolledBack else {
        throw .cannotRollBack(id, "it was rolled back already")
      }
      if case .incomplete = journal.state { return [restore(journal)] }
    }
    var restored: [Restored] = []
    let ids = try archive.ids()
    for found in (id.map { id in ids.drop { $0 != id } } ?? ids[...]).reversed() {
      let journal: Journal
      do throws(TuningError) {
        let outline = try archive.outline(found)
        guard belongsHere(outline), !outline.state.isOver || found == id else { continue }
        journal = try archive.journal(found)
      } catch {
        // It went meanwhile.
        if case .noSuchJournal = error { continue }
        guard id == nil else { continue }
        throw .newestIsDamaged(found, "\(error)")
      }
      restored.append(restore(journal))
      if id == nil { break }
    }
    return restored
  }

  package func confirm(_ id: String?) throws(TuningError) -> Journal? {
    let found = if let id { try archive.journal(id) } else { try awaiting() }
    guard var journal = found, belongsHere(journal), case .awaiting = journal.state else {
      return nil
    }
    do { try archive.append(.confirmed, to: &journal) } catch { throw .storage(error) }
    return journal
  }

  /// Gives up what of a change cannot be put back, so that it stands in no other's way.
  ///
  /// - Returns: the change, and what is not as it was before it.
  package func forget(
    _ id: String
  ) throws(TuningError) -> (journal: Journal, unrestored: [Journal.Debt]) {
    let journal = try archive.journal(id)
    guard belongsHere(journal), case .incomplete = journal.state else {
      throw .cannotForget(id)
    }
    try archive.forget(id)
    return (journal, journal.owed)
  }

  /// Changes of this kernel's run and this namespace, and the damaged ones, that may be such.
  package func entries() throws(TuningError) -> [Archive.Entry] {
    try archive.entries().filter { entry in
      if case .success(let journal) = entry.journal { belongsHere(journal) } else { true }
    }
  }

  /// Whether the journal's settings are those of this kernel's run and this namespace.
  package func belongsHere(_ journal: Journal) -> Bool {
    isHere(journal.bootID, journal.namespace)
  }

  private func belongsHere(_ outline: Journal.Outline) -> Bool {
    isHere(outline.bootID, outline.namespace)
  }

  private func isHere(_ bootID: String, _ namespace: String) -> Bool {
    bootID == circumstances.bootID && namespace == circumstances.namespace
  }

  private func restore(_ journal: Journal) -> Restored {
    var journal = journal
    let was = journal.state
    switch was {
    case .committed, .awaiting, .deviceGone:
      // From here on a kill leaves a change that is begun and not ended; without room for that
      // word, one that is in force, and can be rolled back again.
      if was != .deviceGone || !PresentJournal(journal, identities).isGone {
        try? archive.append(.rollingBack, to: &journal)
      }
    case .open, .incomplete, .rolledBack: break
    }
    settings.refresh()
    var convergence = Convergence(settings, progress: progress)
    var restored = restore(journal, &convergence)
    if let error = conclude(&journal, restored.ending) {
      restored.notes.append("this is not on record: \(error)")
    }
    return Restored(
      journal: journal, was: was, outcome: convergence.outcome, compared: restored.compared,
      unrestored: restored.unrestored, notes: restored.notes)
  }

  /// Restores what the change found, on the devices that it was about, whatever their names are
  /// now; what belonged to devices that are gone went with them.
  private func restore(
    _ journal: Journal, _ convergence: inout Convergence
  ) -> (ending: Journal.Kind, compared: Int, unrestored: [Journal.Debt], notes: [String]) {
    let present = PresentJournal(journal, identities)
    let due = present.journal.due
    var bystanders: [Setting] = []
    var owing = due
    if case .incomplete = journal.state {
      // What was restored before may not be lost to a late payment.
      owing += present.journal.before.filter { setting in
        !due.contains(setting)
          && (try? settings.read(setting.knob, at: setting.place)) == setting.value
      }
      bystanders = Self.bystanders(of: owing, settings)
    }
    for device in present.journal.devicesWithSetTables { settings.tableWasSet(of: device) }
    let rest = convergence.restore(
      owing.map(present.journal.restoring) + bystanders.map(\.besideOthers))

    let wanted = Set(present.journal.wanted.map { settings.resolved($0.key) })
    var owed: [Journal.Debt] = []
    var placeless: [Setting] = []
    var notes = present.renamings + present.departures + present.journal.others(settings)
    let standing = Set(bystanders.map(\.key))
    for remainder in rest {
      let setting = remainder.setting
      switch remainder.kind {
      case .hasNoCPU where !wanted.contains(settings.resolved(setting.key)):
        notes.append("\(setting.description) \(remainder.reason)")
      case .lacksCPUs:
        notes.append("\(setting.description) \(remainder.reason); restored as far as possible")
      case .hasNoPlace where !wanted.contains(settings.resolved(setting.key)):
        placeless.append(setting)
      case .differs, .hasNoPlace, .hasNoCPU:
        guard !standing.contains(setting.key) else {
          notes.append("\(setting.description) \(remainder.reason)")
          continue
        }
        owed.append(Journal.Debt(setting.key, remainder.reason))
      }
    }
    notes += Self.notes(ofPlaceless: placeless)
    let ending: Journal.Kind =
      if !owed.isEmpty {
        .incomplete(owed.map { Journal.Debt($0.key.map(present.then), $0.reason) })
      } else if present.isGone && convergence.outcome.writes == 0 {
        .deviceGone
      } else {
        .rolledBack
      }
    return (ending, due.count, owed, notes)
  }

  /// What a late payment may reset of what was set since, and is to stay.
  private static func bystanders(of due: [Setting], _ settings: any Settings) -> [Setting] {
    let differing = due.filter { setting in
      (try? settings.read(setting.knob, at: setting.place)).map { $0 != setting.value } ?? false
    }
    var record = ChangeRecord(settings)
    record.addReset(by: differing)
    let keys = Set(due.map { settings.resolved($0.key) })
    return record.before.filter {
      !keys.contains(settings.resolved($0.key)) && !record.leftToDriver.contains($0.key)
    }
  }

  /// What was recorded only because a write might reset it, and has no place now: nothing is owed
  /// of it. A line for each device.
  private static func notes(ofPlaceless settings: [Setting]) -> [String] {
    var devices: [(name: String, knobs: [String])] = []
    for setting in settings {
      let name = setting.place.device ?? "\(setting.place)"
      let index = devices.firstIndex { $0.name == name } ?? devices.endIndex
      if index == devices.endIndex { devices.append((name, [])) }
      if !devices[index].knobs.contains(setting.knob.id) {
        devices[index].knobs.append(setting.knob.id)
      }
    }
    return devices.map {
      "\($0.name): \($0.knobs.joined(separator: ", ")): recorded, but not there now; nothing to restore"
    }
  }
}
