import KernelIO
import Knobs
import Notation
package import ReceivePath

/// The changes of a host, and their journals in a state directory: planned, applied, confirmed,
/// rolled back and watched.
package struct Changes {
  package let settings: HostSettings
  /// Of the state directory; nil where nothing of a change outlives this process.
  private let path: String?
  let notify: (Notice) -> Void

  /// What is told while a caller waits for a change to be made.
  package enum Notice {
    /// Another change is under way.
    case waiting(holder: String)
    /// One that was left behind, and what became of it.
    case recovered(Tuner.Restored)
  }

  /// How changes are made.
  package struct Rules: Sendable {
    /// Write what is marked dangerous, too.
    package var force: Bool
    package var irqbalance: IRQBalance.Handling
    /// Milliseconds after which a change is rolled back unless it is confirmed.
    package var confirmWithin: Int64?
    /// Milliseconds that a change waits for the link before it is rolled back.
    package var waitLink: Int64?
    package var maxRisk: RiskLimit
    /// What the caller calls the change.
    package var label: String?

    package init(
      force: Bool = false, irqbalance: IRQBalance.Handling = .refuse,
      confirmWithin: Int64? = nil, waitLink: Int64? = nil, maxRisk: RiskLimit = .flap,
      label: String? = nil
    ) {
      self.force = force
      self.irqbalance = irqbalance
      self.confirmWithin = confirmWithin
      self.waitLink = waitLink
      self.maxRisk = maxRisk
      self.label = label
    }
  }

  package init(of host: Host, state path: String?, notify: @escaping (Notice) -> Void = { _ in }) {
    settings = HostSettings(host)
    self.path = path
    self.notify = notify
  }

  var kernel: any Kernel { settings.host.kernel }

  // MARK: - Planning

  /// A plan with what on this machine stands in its way beside the devices themselves. No journal
  /// is read.
  package func plan(by rules: Rules, _ draft: (Planner) throws -> Plan) throws -> Plan {
    var plan = try draft(Planner(settings))
    plan.caveats += IRQBalance.caveats(plan, on: settings, handling: rules.irqbalance)
    plan.caveats += rules.maxRisk.caveats(plan)
    plan.caveats += try Privileges(kernel).caveats(plan)
    return plan
  }

  /// What `make` would do now.
  package func rehearse(by rules: Rules, _ draft: (Planner) throws -> Plan) throws -> Plan {
    var plan = try self.plan(by: rules, draft)
    let tuner = try tuner(record)
    do throws(TuningError) { plan.caveats += try tuner.objections(to: plan) } catch {
      guard error.needsPrivilege else { throw error }
      plan.caveats.append(
        Caveat(
          .note, at: .host, "only root may read whether an earlier change stands in the way",
          remedy: "Run as root to know."))
    }
    return plan
  }

  // MARK: - Making a change

  /// A change that was made, or the plan of one that has nothing to write.
  package struct Made {
    package var plan: Plan
    package var report: Tuner.Report?
  }

  /// Plans under the lock, after what was left behind is undone, and applies the plan.
  ///
  /// - Parameter command: as it goes into the journal: "set queue.rps-cpus=0-3 eth0".
  /// - Throws: `TuningError.refused` where something stands in the way.
  package func make(
    _ command: String, by rules: Rules, _ draft: (Planner) throws -> Plan
  ) throws -> Made {
    let session: ChangeSession
    do { session = try open(command) } catch TuningError.notBegun(let error) {
      // Who may not use the state directory may lack more: that is said knob by knob.
      let plan = try self.plan(by: rules, draft)
      try plan.refuse(force: rules.force)
      guard plan.changes.isEmpty else { throw TuningError.notBegun(error) }
      return Made(plan: plan)
    }
    try session.clearTheWay()
    var plan = try self.plan(by: rules, draft)
    plan.caveats += try session.tuner.objections(to: plan)
    try plan.refuse(force: rules.force)
    guard !plan.changes.isEmpty else { return Made(plan: plan) }
    return Made(plan: plan, report: try session.apply(plan, command: command, by: rules))
  }

  /// The changes, held by this process alone. Changes take turns: at boot several devices' come at
  /// once.
  ///
  /// - Parameter patience: milliseconds to wait for another holder.
  package func open(_ command: String, patience: Int64 = 30_000) throws -> ChangeSession {
    guard let directory = try self.directory() else {
      return ChangeSession(self, try tuner(Archive(MemoryStorage())), nil, nil)
    }
    let lock = try self.lock(directory, command, patience: patience)
    return ChangeSession(self, try tuner(Archive(directory)), directory, lock)
  }

  /// The lock, or who holds it.
  func lock(
    _ directory: StateDirectory, _ command: String, patience: Int64
  ) throws(TuningError) -> StateLock {
    let pause: Int64 = 50
    var waited: Int64 = 0
    while true {
      do throws(LockError) {
        return try directory.lock(
          holder: "rxtune \(command) (pid \(Circumstances.pid), since \(TimeStamp.now()))")
      } catch {
        let holder: String
        switch error {
        case .failed(let error): throw .notBegun(error)
        case .held(let process): holder = process
        }
        guard waited < patience else { throw .locked(by: holder) }
        if waited == 1_000 { notify(.waiting(holder: holder)) }
        DetachedProcess.sleep(milliseconds: pause)
        waited += pause
      }
    }
  }

  /// The state directory, made where there is none.
  func directory() throws(TuningError) -> StateDirectory? {
    guard let path else { return nil }
    do { return try StateDirectory(path) } catch { throw .notBegun(error) }
  }

  func tuner(_ archive: Archive) throws -> Tuner {
    let settings = settings
    return Tuner(
      settings, archive, try Circumstances(kernel), identities: Identities(kernel),
      fingerprint: { settings.fingerprint(of: $0) })
  }

  // MARK: - The record

  /// The journals as they are, by whoever may read them; none where nothing was changed yet.
  package var record: Archive {
    guard let path else { return Archive(MemoryStorage()) }
    return Archive(StateDirectory(reading: path))
  }

  /// Changes of this kernel's run and this namespace, and the damaged ones, that may be such.
  func entries() throws -> [Archive.Entry] { try tuner(record).entries() }

  /// All that is on record, the oldest first; over is what another boot or namespace had.
  package func history() throws -> [(entry: Archive.Entry, isOver: Bool)] {
    let archive = record
    let tuner = try self.tuner(archive)
    return try archive.entries().map { entry in
      let journal = try? entry.journal.get()
      return (entry, isOver: journal.map { !tuner.belongsHere($0) } ?? false)
    }
  }
}

extension Plan {
  /// - Throws: `TuningError.refused` where something stands in the way.
  package func refuse(force: Bool) throws(TuningError) {
    let blockers = blockers(force: force)
    guard blockers.isEmpty else { throw .refused(blockers, self) }
  }
}
