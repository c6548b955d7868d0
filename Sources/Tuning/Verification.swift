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
    /// What probably changed it.
    package var suspicion: String?
    /// What is written to bring `setting` back.
    var goal: Setting

    package var isAsWanted: Bool { found == .wanted }
    /// Its place is there no more.
    fileprivate var isGone = false

    package init(setting: Setting, found: Found, suspicion: String? = nil) {
      (self.setting, self.found, self.suspicion) = (setting, found, suspicion)
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
  package init(inForce entries: [Archive.Entry], _ settings: any Settings, traces: Traces) {
    var blame = Blame(traces)
    let identities = traces.identities.remembering
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
        problems.append("change \(journal.id) was interrupted: rxtune rollback finishes it")
        continue
      case .incomplete:
        problems.append(
          "change \(journal.id) was not fully rolled back: "
            + Journal.lines(present.journal.owed).joined(separator: "; ")
            + ". Try: rxtune rollback \(journal.id)")
        continue
      case .rolledBack, .deviceGone: continue
      }
      for problem in present.departures where !problems.contains(problem) {
        problems.append(problem)
      }
      for note in present.renamings where !notes.contains(note) { notes.append(note) }
      journal = present.journal
      for setting in journal.left {
        guard covered.insert(settings.resolved(setting.key)).inserted else { continue }
        let row = Self.row(setting, journal.keeping(setting), settings)
        if row.isGone, setting.place.device.map(recounted.contains) == true { continue }
        if !row.isAsWanted { drifted.append((rows.count, journal)) }
        rows.append(row)
      }
      for key in journal.leftAlone { covered.insert(settings.resolved(key)) }
      for setting in journal.wanted where setting.knob.group == "channels" {
        if let device = setting.place.device { recounted.insert(device) }
      }
    }
    // Last, for it looks at the devices anew.
    for (row, journal) in drifted {
      rows[row].suspicion = blame.suspicion(rows[row].setting, journal)
    }
    if rows.isEmpty && problems.isEmpty { problems.append("no change is in force") }
  }

  /// Compares a profile with what is there now.
  package init(_ plan: Plan, _ settings: any Settings, traces: Traces, last: Journal?) {
    var blame = Blame(traces)
    let last = last.map { PresentJournal($0, traces.identities).journal }
    for change in plan.changes {
      var row = Row(
        setting: change.setting,
        found: change.old.map { .other($0) } ?? .unreadable("not there yet"))
      row.suspicion = last.flatMap { blame.suspicion(change.setting, $0) }
      rows.append(row)
    }
    rows += plan.satisfied.map { Row(setting: $0, found: .wanted) }
    problems = plan.findings.filter { $0.severity == .impossible }.map(\.description)
    if rows.isEmpty { problems.append("nothing of the profile is on the devices that were named") }
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

/// What a change by someone else leaves behind.
package struct Traces {
  package var identities: Identities
  package var queues: (String) -> String?
  /// Process id of irqbalance where it runs now.
  package var irqbalance: () -> Int?

  package init(
    identities: Identities,
    queues: @escaping (String) -> String?, irqbalance: @escaping @autoclosure () -> Int?
  ) {
    self.identities = identities
    self.queues = queues
    self.irqbalance = irqbalance
  }
}

/// The traces of one look: each is asked for once.
private struct Blame {
  private let traces: Traces
  private var queues: [String: String?] = [:]
  private var irqbalance: Int??

  init(_ traces: Traces) {
    self.traces = traces
  }

  /// The likeliest writer of a value that is not as a change left it.
  mutating func suspicion(_ setting: Setting, _ journal: Journal) -> String? {
    guard journal.left.contains(where: { $0.key == setting.key }) else { return nil }
    let traces = traces
    if setting.knob.id == "irq.smp-affinity",
      let irqbalance = Self.once(&irqbalance, traces.irqbalance)
    {
      return "irqbalance (pid \(irqbalance)) is running"
    }
    if let device = setting.place.device, let then = journal.queues(of: device),
      let now = Self.once(&queues[device], { traces.queues(device) }), then != now
    {
      let id = journal.left.filter { $0.knob.group == "channels" && $0.place.device == device }
      let channels = id.isEmpty ? "" : ", by a channel change or"
      return "the queues of \(device) were made anew since\(channels) by down and up, or by a "
        + "driver that reset them"
    }
    return "another program wrote it after \(journal.events.last?.time.description ?? "then")"
  }

  private static func once<Value>(_ slot: inout Value?, _ ask: () -> Value) -> Value {
    if let slot { return slot }
    let value = ask()
    slot = value
    return value
  }
}
