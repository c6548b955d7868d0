import KernelIO

/// Carries plans out, and takes them back: one change at a time on a host.
package final class Tuner {
  private let settings: any Settings
  package let archive: Archive
  private let circumstances: Circumstances
  private let identify: (String) -> Journal.DeviceIdentity?
  /// The queues of a device as they are now, in words that differ once they are made anew.
  private let queues: (String) -> String?
  /// Told of each write before it is made.
  private let progress: ([Setting]) -> Void

  package init(
    _ settings: any Settings, _ archive: Archive, _ circumstances: Circumstances,
    identify: @escaping (String) -> Journal.DeviceIdentity?,
    queues: @escaping (String) -> String? = { _ in nil },
    progress: @escaping ([Setting]) -> Void = { _ in }
  ) {
    self.settings = settings
    self.archive = archive
    self.circumstances = circumstances
    self.identify = identify
    self.queues = queues
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
    _ plan: Plan, command: String, force: Bool = false, deadline: TimeStamp? = nil,
    journaled: (Journal) throws(TuningError) -> Void = { _ throws(TuningError) in }
  ) throws(TuningError) -> Report {
    let blockers = plan.blockers.filter { !(force && $0.severity == .danger) }
    guard blockers.isEmpty else { throw .refused(blockers) }
    var journal = try newJournal(plan, command)
    try archive.begin(journal)
    archive.prune(circumstances) { belongsHere($0) ? Set(departed($0).keys) : [] }
    do { try journaled(journal) } catch {
      _ = conclude(&journal, [])
      throw error
    }
    var convergence = Convergence(settings, progress: progress)
    do {
      try convergence.reach(Self.goals(plan), tablesFirst: plan.tablesFirst)
    } catch {
      throw .failed(error, undo: undo(&journal, after: convergence))
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
    for device in journal.devices {
      guard let queues = queues(device.name) else { continue }
      kinds.append(.queues(device: device.name, queues))
    }
    kinds.append(deadline.map { .awaiting($0) } ?? .committed)
    try archive.append(kinds, to: &journal)
  }

  private func newJournal(_ plan: Plan, _ command: String) throws(TuningError) -> Journal {
    let started = TimeStamp.now()
    let id = try archive.newID(at: started)
    return Journal(
      id: id, bootID: circumstances.bootID, namespace: circumstances.namespace,
      pid: circumstances.pid, started: started, command: command,
      devices: plan.devices.compactMap(identify), before: plan.before,
      wanted: plan.changes.map(\.setting) + plan.satisfied, leftAlone: plan.leftAlone.map(\.key))
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
      .map { Convergence.Goal($0, isRequired: false, before: $0.value) }
    return goals
  }

  private func undo(_ journal: inout Journal, after convergence: Convergence) -> TuningError.Undo {
    var convergence = convergence
    let writes = convergence.outcome.writes
    settings.refresh()
    let left = convergence.restore(journal.before)
    _ = conclude(&journal, left)
    guard left.isEmpty else { return .incomplete(left) }
    // A refused write may have had a part of its effect, and an accepted one none: what counts is
    // what there was to put back.
    let restored = convergence.outcome.writes - writes
    return restored == 0 ? .nothingChanged : .complete(restored)
  }

  /// The last word on a change that was taken back; why it is not on record, or nil.
  private func conclude(_ journal: inout Journal, _ left: [String]) -> KernelError? {
    // A guard tries again and again.
    if !left.isEmpty && journal.state == .incomplete(left) { return nil }
    do {
      try archive.append(left.isEmpty ? .rolledBack : .incomplete(left), to: &journal)
      return nil
    } catch {
      // A change that counts as in force would be made again by a watch.
      if left.isEmpty { try? archive.forget(journal.id) }
      return error
    }
  }

  // MARK: - Going back

  /// What was rolled back.
  package struct Restored: Hashable, Sendable {
    package var journal: Journal
    package var outcome: Convergence.Outcome
    /// Values that were put back where they differed.
    package var compared: Int
    /// What is not as it was, and why.
    package var left: [String]
    /// What else is to be told: a device that is gone, a journal that could not be written.
    package var notes: [String]
  }

  /// Finishes what a killed process left behind: every change of this boot and namespace that
  /// was begun and not ended is rolled back. One that waits for its confirmation is left alone.
  package func recover() throws(TuningError) -> [Restored] {
    // All are read before the first is put back: an error has changed nothing.
    var due: [Journal] = []
    for outline in try archive.outlines().reversed() where belongsHere(outline) {
      switch outline.state {
      case .open, .incomplete: break
      case .awaiting(let deadline) where deadline < .now(): break
      case .awaiting, .committed, .rolledBack: continue
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

  /// Rolls back the change of that id and all after it, the newest first; without an id, the
  /// newest that is in force. Of those after it, a damaged one is passed over; the newest of all
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
    }
    var restored: [Restored] = []
    let ids = try archive.ids()
    for found in (id.map { id in ids.drop { $0 != id } } ?? ids[...]).reversed() {
      let journal: Journal
      do throws(TuningError) {
        let outline = try archive.outline(found)
        guard belongsHere(outline), outline.state != .rolledBack else { continue }
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
  package func forget(_ id: String) throws(TuningError) -> (journal: Journal, left: [String]) {
    let journal = try archive.journal(id)
    guard belongsHere(journal), case .incomplete(let left) = journal.state else {
      throw .cannotForget(id)
    }
    try archive.forget(id)
    return (journal, left)
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

  /// Puts back what the change found, but for what belonged to devices that are gone: that went
  /// with them, and another of their name has nothing to do with it.
  private func restore(_ journal: Journal) -> Restored {
    var journal = journal
    let departed = departed(journal)
    let due = journal.before.filter { $0.place.device.map { departed[$0] == nil } ?? true }
    switch journal.state {
    case .committed, .awaiting:
      // From here on a kill leaves a change that is begun and not ended; without room for that
      // word, one that is in force, and can be rolled back again.
      try? archive.append(.rollingBack, to: &journal)
    case .open, .incomplete, .rolledBack: break
    }
    settings.refresh()
    var convergence = Convergence(settings, progress: progress)
    let left = convergence.restore(due)
    var notes = departed.values.sorted()
    if let error = conclude(&journal, left) {
      notes.append("this is not on record: \(error)")
    }
    return Restored(
      journal: journal, outcome: convergence.outcome, compared: due.count, left: left,
      notes: notes)
  }

  /// By name, the change's devices that are there no more, and what is said of them.
  private func departed(_ journal: Journal) -> [String: String] {
    var departed: [String: String] = [:]
    for device in journal.devices {
      let now = identify(device.name)
      guard now?.ifindex != device.ifindex else { continue }
      let count = journal.before.count { $0.place.device == device.name }
      departed[device.name] =
        (now.map {
          "\(device.name) is another device now (index \($0.ifindex), was \(device.ifindex))"
        } ?? "\(device.name) is gone")
        + ": of what it had, nothing is put back (\(Setting.counted(count)))"
    }
    return departed
  }
}
