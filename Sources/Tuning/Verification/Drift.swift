package import KernelIO
import Knobs

/// Watches that changes in force stay so, and puts back what drifted.
package final class DriftWatch {
  /// What a look found that the look before did not.
  package struct Event: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
      case drifted(Verification.Row)
      /// By someone else: it is as wanted again.
      case healed(Setting)
      case repaired(Setting)
      case notRepaired(Setting, String)
      /// Put back too often: someone else wants another value.
      case contested(Setting)
      case problem(String)
      /// A device was renamed.
      case note(String)
    }
    package var kind: Kind
    package init(_ kind: Kind) { self.kind = kind }

    /// Whether something was written, or was to be.
    package var isOfRepair: Bool {
      switch kind {
      case .repaired, .notRepaired: true
      case .drifted, .healed, .contested, .problem, .note: false
      }
    }
  }

  /// Repairs of one setting within a minute, after which it is left alone.
  private static let patience = 5

  private let settings: any Settings
  private let archive: Archive?
  private let entries: () throws(TuningError) -> [Archive.Entry]
  private let evidence: Evidence
  private var baseline: Baseline?
  private var drifted: [Setting.Key: Verification.Row] = [:]
  private var problems: Set<String> = []
  private var notes: Set<String> = []
  private var repairs: [Setting.Key: [Int64]] = [:]
  /// Where each repair takes the link down, nothing is tried again until it is as wanted.
  private var givenUp: Set<Setting.Key> = []

  /// - Parameter archive: where repairs are put on record.
  package init(
    _ settings: any Settings, evidence: Evidence, archive: Archive? = nil,
    entries: @escaping () throws(TuningError) -> [Archive.Entry]
  ) {
    self.settings = settings
    self.evidence = evidence
    self.archive = archive
    self.entries = entries
  }

  /// Compares once.
  ///
  /// - Parameters:
  ///   - devices: only of these, whatever their names are now; of all where it is empty. The host's
  ///     own settings always count.
  ///   - repairs: puts back what drifted.
  ///   - events: what the kernel announced since the last look.
  ///   - now: milliseconds of a clock that only goes forward.
  package func look(
    devices: [DeviceIdentity], repairs isRepairing: Bool, events: [DeviceEvent] = [],
    now: Int64
  ) throws(TuningError) -> [Event] {
    settings.refresh()
    baseline?.events = events
    let entries = try entries()
    let verification = Verification(
      inForce: entries, settings, evidence: evidence, baseline: &baseline)
    let names = devices.compactMap { evidence.identities.current($0)?.name }
    let rows = verification.rows.filter { row in
      row.setting.place.device.map { devices.isEmpty || names.contains($0) } ?? true
    }
    var news = verification.notes.filter { notes.insert($0).inserted }
      .map { Event(.note($0)) }
    news += verification.problems.filter { problems.insert($0).inserted }
      .map { Event(.problem($0)) }
    problems.formIntersection(verification.problems)
    let keys = Set(rows.map(\.setting.key))
    drifted = drifted.filter { keys.contains($0.key) }
    for row in rows {
      let key = row.setting.key
      if row.isAsWanted {
        givenUp.remove(key)
        if drifted.removeValue(forKey: key) != nil {
          news.append(Event(.healed(row.setting)))
        }
      } else if drifted[key]?.found != row.found {
        drifted[key] = row
        news.append(Event(.drifted(row)))
      }
    }
    if isRepairing {
      news += repair(rows, now)
      keepRecord(news, entries)
    }
    return news
  }

  /// From here on repaired settings are as wanted; what happens to them later, their devices' marks
  /// of now tell, and no older ones.
  private func keepRecord(_ news: [Event], _ entries: [Archive.Entry]) {
    let repaired = news.compactMap { event -> Setting? in
      if case .repaired(let setting) = event.kind { setting } else { nil }
    }
    baseline?.held.formUnion(repaired.map(\.key))
    for device in Set(repaired.map(\.place.device)) {
      guard let fingerprint = evidence.fingerprint(device) else { continue }
      baseline?.fingerprints[device] = fingerprint
      keepRecord(fingerprint, of: device, entries)
    }
  }

  /// In the newest change of the device; without room for it, a verification is left with less to
  /// go by.
  private func keepRecord(
    _ fingerprint: Fingerprint, of device: String?, _ entries: [Archive.Entry]
  ) {
    for entry in entries.reversed() {
      guard var journal = try? entry.journal.get(), journal.isInForce else { continue }
      let name = journal.devices.first { evidence.identities.current($0)?.name == device }?.name
      guard journal.wanted.contains(where: { $0.place.device == name }) else { continue }
      let event = Journal.Kind.fingerprint(device: name, fingerprint)
      if !journal.events.contains(where: { $0.kind == event }) {
        try? archive?.append(event, to: &journal)
      }
      return
    }
  }

  /// In write order, each for itself: one that the kernel refuses keeps no other from coming back.
  private func repair(_ rows: [Verification.Row], _ now: Int64) -> [Event] {
    var news: [Event] = []
    let due = rows.filter { !$0.isAsWanted }
    for row in WriteOrder.sorted(due, by: { WriteOrder($0.setting.knob) }) {
      let setting = row.setting
      let key = setting.key
      let recent = repairs[key, default: []].filter { now - $0 < 60_000 }
      guard recent.count < Self.patience, !givenUp.contains(key) else {
        if recent.count == Self.patience { news.append(Event(.contested(setting))) }
        // Counted once more, so that it is said once.
        repairs[key] = recent.count == Self.patience ? recent + [now] : recent
        if setting.knob.risks.contains(.flap) { givenUp.insert(key) }
        continue
      }
      repairs[key] = recent + [now]
      do {
        try repair(row.goal, rows)
        drifted[key] = nil
        news.append(Event(.repaired(setting)))
      } catch {
        news.append(Event(.notRepaired(setting, error.description)))
      }
    }
    return news
  }

  /// With what the write resets: that is put back after it, and where not all can be, all is left
  /// as it was found.
  private func repair(_ setting: Setting, _ rows: [Verification.Row]) throws(WriteFailure) {
    var record = ChangeRecord(settings)
    if let found = try? settings.read(setting.knob, at: setting.place) {
      record.add(setting, found)
    }
    record.addReset(by: [setting])
    let wanted = Set(rows.map { settings.resolved($0.setting.key) })
    let due = Set(rows.filter { !$0.isAsWanted }.map { settings.resolved($0.setting.key) })
    let kept = record.before.filter { kept in
      let key = settings.resolved(kept.key)
      return !due.contains(key) && (wanted.contains(key) || !record.leftToDriver.contains(kept.key))
    }
    let goals = kept.map { Convergence.Goal($0.besideOthers, isRequired: false) }
    var convergence = Convergence(settings)
    do { try convergence.reach([Convergence.Goal(setting, isRequired: true)] + goals) } catch {
      if !setting.knob.invalidates.isEmpty {
        _ = convergence.restore(record.before.map(\.besideOthers))
      }
      throw error
    }
  }
}
