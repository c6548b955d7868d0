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

    package var isAsWanted: Bool { found == .wanted }
    /// Its place is there no more.
    fileprivate var isGone = false

    package init(setting: Setting, found: Found, suspicion: String? = nil) {
      (self.setting, self.found, self.suspicion) = (setting, found, suspicion)
    }
  }

  package enum Found: Hashable, Sendable {
    case wanted
    case other(KnobValue)
    case unreadable(String)
  }

  package var rows: [Row] = []
  /// Why there is nothing to look at, or what stands against the whole.
  package var problems: [String] = []

  package var failures: [Row] { rows.filter { !$0.isAsWanted } }
  package var isGood: Bool { !rows.isEmpty && failures.isEmpty && problems.isEmpty }

  package init() {}

  /// Compares what a change left with what is there now.
  package init(_ journal: Journal, _ settings: any Settings, traces: Traces) {
    for device in journal.devices {
      guard let now = traces.identity(device.name) else {
        problems.append("\(device.name) is gone")
        continue
      }
      if now.ifindex != device.ifindex {
        problems.append("\(device.name) is another device now (index \(now.ifindex))")
      }
    }
    for setting in journal.left {
      var row = Self.row(setting, settings)
      if !row.isAsWanted { row.suspicion = traces.suspicion(setting, journal) }
      rows.append(row)
    }
    if rows.isEmpty { problems.append("change \(journal.id) holds no setting to look at") }
  }

  /// Compares what all changes in force left with what is there now; the newest word on a setting
  /// counts.
  package init(inForce entries: [Archive.Entry], _ settings: any Settings, traces: Traces) {
    var seen: Set<Setting.Key> = []
    /// Devices whose queues a newer change has counted anew: what an older one set of a queue that
    /// went with it is no longer wanted.
    var recounted: Set<String> = []
    for entry in entries.reversed() {
      let journal: Journal
      do { journal = try entry.journal.get() } catch {
        problems.append("change \(entry.id): \(error)")
        continue
      }
      switch journal.state {
      case .committed, .awaiting: break
      case .open:
        problems.append("change \(journal.id) was interrupted: rxtune rollback finishes it")
        continue
      case .incomplete:
        problems.append("change \(journal.id) was rolled back in part: try rxtune rollback")
        continue
      case .rolledBack: continue
      }
      let one = Verification(journal, settings, traces: traces)
      rows += one.rows.filter { row in
        guard seen.insert(row.setting.key).inserted else { return false }
        return !(row.isGone && row.setting.place.device.map(recounted.contains) == true)
      }
      for setting in journal.wanted where setting.knob.group == "channels" {
        if let device = setting.place.device { recounted.insert(device) }
      }
      problems += one.problems
    }
    if rows.isEmpty && problems.isEmpty { problems.append("no change is in force") }
  }

  /// Compares a profile with what is there now.
  package init(_ plan: Plan, _ settings: any Settings, traces: Traces, last: Journal?) {
    for change in plan.changes {
      var row = Row(
        setting: change.setting,
        found: change.old.map { .other($0) } ?? .unreadable("not there yet"))
      row.suspicion = last.flatMap { traces.suspicion(change.setting, $0) }
      rows.append(row)
    }
    rows += plan.satisfied.map { Row(setting: $0, found: .wanted) }
    problems = plan.findings.filter { $0.severity == .impossible }.map(\.description)
    if rows.isEmpty { problems.append("nothing of the profile is on the devices that were named") }
  }

  private static func row(_ setting: Setting, _ settings: any Settings) -> Row {
    do throws(KernelError) {
      let found = try settings.read(setting.knob, at: setting.place)
      let expected = settings.expected(setting.value, of: setting.knob, at: setting.place)
      return Row(
        setting: setting,
        found: setting.knob.accepts(found, for: expected) ? .wanted : .other(found))
    } catch {
      var row = Row(setting: setting, found: .unreadable(error.description))
      row.isGone = error.isOfVanishedPlace
      return row
    }
  }
}

/// What a change by someone else leaves behind.
package struct Traces {
  package var identity: (String) -> Journal.DeviceIdentity?
  package var queues: (String) -> String?
  /// Process id of irqbalance where it runs.
  package var irqbalance: Int?

  package init(
    identity: @escaping (String) -> Journal.DeviceIdentity?,
    queues: @escaping (String) -> String?, irqbalance: Int?
  ) {
    self.identity = identity
    self.queues = queues
    self.irqbalance = irqbalance
  }

  /// The likeliest writer of a value that is not as a change left it.
  package func suspicion(_ setting: Setting, _ journal: Journal) -> String? {
    let wanted = journal.left.contains { $0.key == setting.key }
    guard wanted else { return nil }
    if setting.knob.id == "irq.smp-affinity", let irqbalance {
      return "irqbalance (pid \(irqbalance)) is running"
    }
    if let device = setting.place.device, let then = journal.queues(of: device),
      let now = queues(device), then != now
    {
      let id = journal.left.filter { $0.knob.group == "channels" && $0.place.device == device }
      let channels = id.isEmpty ? "" : ", by a channel change or"
      return "the queues of \(device) were made anew since\(channels) by down and up, or by a "
        + "driver that reset them"
    }
    return "another program wrote it after \(journal.events.last?.time.description ?? "then")"
  }
}
