package import KernelIO
import ReceivePath

/// Whether what changes set is still so.
extension Changes {
  /// Of all changes in force.
  package func verification() throws -> Verification {
    Verification(inForce: try entries(), settings, evidence: Evidence(settings))
  }

  /// The journals of all changes in force that can be read; none where nobody may tell.
  package var journalsInForce: [Journal] {
    ((try? entries()) ?? []).compactMap { try? $0.journal.get() }
  }

  /// Of what a plan finds wanted.
  package func verification(of plan: Plan) -> Verification {
    // What nobody may read tells nothing of who was at it.
    let journals = (try? entries())?.compactMap { try? $0.journal.get() }
    return Verification(
      plan, settings, evidence: Evidence(settings), journals: journals ?? [])
  }

  /// Looks again and again at what is in force.
  package func watch() throws -> Watch {
    let directory = try self.directory()
    let archive = directory.map { Archive($0) } ?? record
    let tuner = try self.tuner(archive)
    let drift = DriftWatch(settings, evidence: Evidence(settings), archive: archive) {
      () throws(TuningError) in
      try tuner.entries()
    }
    return Watch(changes: self, directory: directory, drift: drift)
  }

  package struct Watch {
    fileprivate let changes: Changes
    fileprivate let directory: StateDirectory?
    fileprivate let drift: DriftWatch

    /// One look, as `DriftWatch.look`; nil where a change is under way: that is no drift.
    package func look(
      devices: [DeviceIdentity], repairs: Bool, events: [DeviceEvent]
    ) throws -> [DriftWatch.Event]? {
      let lock: StateLock?
      do throws(TuningError) {
        lock = try directory.map { (directory) throws(TuningError) in
          try changes.lock(directory, "watch", patience: 0)
        }
      } catch {
        guard case .locked = error else { throw error }
        return nil
      }
      return try withExtendedLifetime(lock) {
        try drift.look(
          devices: devices, repairs: repairs, events: events, now: DetachedProcess.uptime())
      }
    }
  }
}

extension Evidence {
  /// What this host tells.
  init(_ settings: HostSettings) {
    let kernel = settings.host.kernel
    self.init(
      identities: Identities(kernel),
      fingerprint: { settings.fingerprint(of: $0) }, hint: { settings.hint(at: $0) },
      irqbalance: IRQBalance.pid(kernel))
  }
}
