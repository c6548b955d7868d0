package import KernelIO
package import Knobs

/// Brings settings to given values, writing only what differs, and reading back what it wrote.
package struct Convergence {
  /// A value to reach.
  package struct Goal: Hashable, Sendable {
    package var setting: Setting
    /// False for what was there before and is only to be kept: where its place is gone, there is
    /// nothing to keep.
    package var isRequired: Bool
    /// What the plan found; nil where it found nothing.
    package var before: KnobValue?

    package init(_ setting: Setting, isRequired: Bool, before: KnobValue? = nil) {
      self.setting = setting
      self.isRequired = isRequired
      self.before = before
    }
  }

  /// What was done so far.
  package struct Outcome: Hashable, Sendable {
    package var writes = 0
    /// Requests to the kernel: several values may go in one.
    package var requests = 0
    /// Where the device chose another value near the one wanted.
    package var settled: [Setting.Key: KnobValue] = [:]
    /// What another write reset, and was put back.
    package var kept: [Setting] = []
    package init() {}
  }

  private let settings: any Settings
  /// Whether the plan's look at the host still holds: nothing that resets other settings was
  /// written since.
  private var isAsPlanned = true
  package private(set) var outcome = Outcome()
  /// Told of each write before it is made.
  private let progress: ([Setting]) -> Void

  package init(_ settings: any Settings, progress: @escaping ([Setting]) -> Void = { _ in }) {
    self.settings = settings
    self.progress = progress
  }

  // MARK: - Forwards

  /// Writes in write order; a second time over where a later write disturbed an earlier one.
  ///
  /// - Parameter tablesFirst: as `Plan.tablesFirst`.
  /// - Throws: the first refusal, or what would not stay.
  package mutating func reach(
    _ goals: [Goal], tablesFirst: Set<String> = []
  ) throws(WriteFailure) {
    let ordered = Self.ordered(goals, tablesFirst: tablesFirst)
    for pass in 1...3 {
      let before = outcome.writes
      for batch in Self.batches(ordered) { try write(batch) }
      isAsPlanned = false
      // A pass that wrote nothing has compared everything.
      if outcome.writes == before { return }
      if pass == 1 && !ordered.contains(where: { !$0.setting.knob.invalidates.isEmpty }) {
        // Nothing written can have reset anything else; one look at the whole is proof.
        try compare(ordered)
        return
      }
    }
    try compare(ordered)
  }

  /// Writes those of a batch that differ.
  private mutating func write(_ batch: [Goal]) throws(WriteFailure) {
    var due: [Goal] = []
    for goal in batch where try isDue(goal) { due.append(goal) }
    guard let place = due.first?.setting.place else { return }
    let wanted = due.map(\.setting)
    progress(wanted)
    outcome.writes += due.count
    outcome.requests += 1
    do {
      try settings.write(wanted.map { ($0.knob, $0.value) }, at: place)
    } catch { throw WriteFailure(settings: wanted, cause: .refused(error)) }
    if due.contains(where: { !$0.setting.knob.invalidates.isEmpty }) {
      isAsPlanned = false
      settings.refresh()
    }
    for goal in due {
      if !goal.isRequired { outcome.kept.append(goal.setting) }
      try readBack(goal)
    }
  }

  /// In the first pass a value that the plan has just read is not read again; the last pass
  /// compares all of them.
  private func isDue(_ goal: Goal) throws(WriteFailure) -> Bool {
    guard isAsPlanned, let before = goal.before else { return try differs(goal) }
    return goal.isRequired && before != goal.setting.value
  }

  private func differs(_ goal: Goal) throws(WriteFailure) -> Bool {
    let setting = goal.setting
    do {
      let found = try settings.read(setting.knob, at: setting.place)
      return !satisfies(found, setting) && (goal.isRequired || !lacksOnlyOffline(found, setting))
    } catch {
      if !goal.isRequired && error.isOfVanishedPlace { return false }
      throw WriteFailure(settings: [setting], cause: .unreadable(error))
    }
  }

  private func satisfies(_ found: KnobValue, _ setting: Setting) -> Bool {
    if let settled = outcome.settled[setting.key] { return found == settled }
    return setting.knob.accepts(found, for: expected(setting))
  }

  private func expected(_ setting: Setting) -> KnobValue {
    settings.expected(setting.value, of: setting.knob, at: setting.place)
  }

  private mutating func readBack(_ goal: Goal) throws(WriteFailure) {
    let setting = goal.setting
    let found: KnobValue
    do { found = try told(of: setting) } catch {
      throw WriteFailure(settings: [setting], cause: .unreadable(error))
    }
    if found == expected(setting) { return }
    if !goal.isRequired && lacksOnlyOffline(found, setting) { return }
    let near =
      setting.knob.accepts(found, for: expected(setting))
      || setting.knob.settledNear(found, for: setting.value, before: goal.before)
    guard near else { throw WriteFailure(settings: [setting], cause: .found(found)) }
    outcome.settled[setting.key] = found
  }

  private func compare(_ goals: [Goal]) throws(WriteFailure) {
    for goal in goals where try differs(goal) {
      let found = try? told(of: goal.setting)
      if let found, satisfies(found, goal.setting) { continue }
      throw WriteFailure(settings: [goal.setting], cause: .disturbed(found))
    }
  }

  /// What the kernel tells of a setting that was written.
  ///
  /// While an interrupt moves, which it does when it fires next, its file tells the CPUs of before
  /// (kernel/irq/migration.c): for a moment, and at each interrupt while its new vector has to wait.
  private func told(of setting: Setting) throws(KernelError) -> KnobValue {
    var found = try settings.read(setting.knob, at: setting.place)
    guard setting.knob.isOfInterrupt else { return found }
    var pause: UInt64 = 1
    while !satisfies(found, setting), pause <= Self.longestPause {
      settings.wait(milliseconds: pause)
      found = try settings.read(setting.knob, at: setting.place)
      pause *= 2
    }
    return found
  }

  /// Milliseconds before the last look, each of which waits twice as long as the one before.
  private static let longestPause: UInt64 = 64
  /// Milliseconds within which an interrupt that fired has moved.
  private static let moveTime: UInt64 = 4

  // MARK: - Back

  /// What a restoration came to, setting by setting.
  package struct Remainder: Hashable, Sendable {
    package var setting: Setting
    /// "was 5, is 7".
    package var reason: String
    package var kind: Kind

    package enum Kind: Hashable, Sendable {
      /// It has another value, or cannot be read.
      case differs
      /// There is no such place now: the queue or instance is gone.
      case hasNoPlace
      /// All of its CPUs are offline.
      case hasNoCPU
      /// Restored as far as can be: some of its CPUs are offline.
      case lacksCPUs
    }
  }

  /// Restores all of `recorded`: first in reverse of the write order, as undoing wants it, then
  /// forwards, until all is as recorded or nothing moves any more. A refusal does not stop the
  /// rest: what one pass could not do, the next may (a table must be freed before channels can
  /// shrink below it, and channels must be back before their queues can be set). What another
  /// program writes meanwhile may differ each time: it ends all the same.
  ///
  /// - Returns: what is not as recorded, with the reason.
  package mutating func restore(_ recorded: [Setting]) -> [Remainder] {
    let goals = Self.ordered(recorded.map { Goal($0, isRequired: true) })
    var refusals: [Setting.Key: KernelError] = [:]
    var remaining = differences(goals, refusals)
    // What moves away from there now tells the CPUs of before, too.
    let differing = Set(remaining.map(\.goal))
    let interrupts = goals.filter { $0.setting.knob.isOfInterrupt && !differing.contains($0) }
    if !interrupts.isEmpty {
      settings.wait(milliseconds: Self.moveTime)
      remaining += differences(interrupts, refusals)
    }
    var idle = 0
    for pass in 0..<16 {
      guard remaining.contains(where: \.isOpen) && idle < 2 else { break }
      let due = remaining.filter(\.isOpen).map(\.goal)
      let batches = Self.batches(pass.isMultiple(of: 2) ? due.reversed() : due)
      for batch in batches {
        // An earlier write of this pass may have brought some of it back already.
        // And what has no place now has to wait until it has.
        let due = differences(batch, refusals).filter { $0.kind == .differs }.map(\.goal)
        guard let place = due.first?.setting.place else { continue }
        progress(due.map(\.setting))
        outcome.writes += due.count
        outcome.requests += 1
        for goal in due { refusals[goal.setting.key] = nil }
        do {
          try settings.write(due.map { ($0.setting.knob, $0.setting.value) }, at: place)
        } catch {
          for goal in due { refusals[goal.setting.key] = error }
        }
        if due.contains(where: { !$0.setting.knob.invalidates.isEmpty }) { settings.refresh() }
      }
      settings.refresh()
      let rest = differences(goals, refusals)
      idle = Set(rest.map(\.goal)) == Set(remaining.map(\.goal)) ? idle + 1 : 0
      remaining = rest
    }
    return remaining.map { Remainder(setting: $0.goal.setting, reason: $0.reason, kind: $0.kind) }
  }

  private struct Difference {
    var goal: Goal
    var kind: Remainder.Kind
    var reason: String
    /// Whether another pass may do something about it.
    var isOpen: Bool { kind != .lacksCPUs }
  }

  private func differences(
    _ goals: [Goal], _ refusals: [Setting.Key: KernelError]
  ) -> [Difference] {
    goals.compactMap { goal in
      let setting = goal.setting
      let was = "was \(setting.value.description)"
      do throws(KernelError) {
        let found = try settings.read(setting.knob, at: setting.place)
        if found == expected(setting) { return nil }
        let reason = "\(was), is \(found.description)"
        if lacksOnlyOffline(found, setting) {
          return Difference(goal: goal, kind: .lacksCPUs, reason: reason + offline(setting))
        }
        // An interrupt takes no set of CPUs that are all offline.
        if case .cpus(let cpus) = setting.value, setting.knob.unit == .cpus, !cpus.isEmpty,
          let online = settings.onlineCPUs, cpus.intersection(online).isEmpty,
          !setting.knob.dropsOfflineCPUs
        {
          return Difference(goal: goal, kind: .hasNoCPU, reason: reason + offline(setting))
        }
        let refusal = refusals[setting.key].map { " (\($0))" } ?? ""
        return Difference(goal: goal, kind: .differs, reason: reason + refusal)
      } catch {
        guard error.isOfMissingPlace else {
          return Difference(goal: goal, kind: .differs, reason: "\(was), cannot be read (\(error))")
        }
        return Difference(
          goal: goal, kind: .hasNoPlace,
          reason: "\(was), is not there now (\(error.errno?.description ?? "\(error)"))")
      }
    }
  }

  /// Whether all that `found` lacks are CPUs that are offline.
  private func lacksOnlyOffline(_ found: KnobValue, _ setting: Setting) -> Bool {
    guard setting.knob.dropsOfflineCPUs, case .cpus(let cpus) = setting.value,
      case .cpus(let found) = found, found != cpus, let online = settings.onlineCPUs
    else { return false }
    return found == cpus.intersection(online)
  }

  /// ": CPU 5 is offline"
  private func offline(_ setting: Setting) -> String {
    guard case .cpus(let cpus) = setting.value, let online = settings.onlineCPUs else { return "" }
    let offline = cpus.subtracting(online)
    return offline.count == 1
      ? ": CPU \(offline.list) is offline" : ": CPUs \(offline.list) are offline"
  }

  // MARK: - Order

  static func ordered(_ goals: [Goal], tablesFirst: Set<String> = []) -> [Goal] {
    var steps = goals.map { goal in
      (order: WriteOrder(goal.setting, tablesFirst: tablesFirst), goal: goal)
    }
    // The change of channels may drop the tables that were made smaller for it.
    steps += steps.filter { $0.order == .tables }.map { (.rss, $0.goal) }
    return WriteOrder.sorted(steps, by: \.order).map(\.goal)
  }

  /// Goals that go to the kernel in one request. Those of one batch are of one step of the write
  /// order, in which it makes no difference which place comes first.
  static func batches(_ goals: [Goal]) -> [[Goal]] {
    var batches: [[Goal]] = []
    /// The newest of each place.
    var open: [Sharing: Int] = [:]
    for goal in goals {
      let sharing = Sharing(batch: goal.setting.knob.batch, place: goal.setting.place)
      if case .alone = sharing.batch {
        batches.append([goal])
      } else if let index = open[sharing],
        !batches[index].contains(where: { $0.setting.knob.id == goal.setting.knob.id })
      {
        batches[index].append(goal)
      } else {
        open[sharing] = batches.count
        batches.append([goal])
      }
    }
    return batches
  }

  private struct Sharing: Hashable {
    var batch: Knob.Batch
    var place: Place
  }
}

extension Knob {
  fileprivate var isOfInterrupt: Bool {
    if case .irqFile = access { true } else { false }
  }

  /// Whether the kernel stores of a set of CPUs those that are online (scaling.rst).
  fileprivate var dropsOfflineCPUs: Bool {
    if case .queueFile = access { unit == .cpus } else { false }
  }
}

extension KernelError {
  /// Whether the place that was read is no longer there, rather than unreadable.
  package var isOfVanishedPlace: Bool {
    kind == .absent
  }

  /// Whether there is no such value now, though there was: also where the driver has it only while
  /// something else is on, or the device up.
  fileprivate var isOfMissingPlace: Bool {
    kind == .absent || kind == .notSupported || errno == .networkDown
  }
}
