import ArgumentParser
import Glibc
import KernelIO
import Knobs
import Notation
import ReceivePath
import Rendering
import Tuning

/// One change of this machine, from plan to report: what `set`, `apply` and the structured
/// setters share.
struct ChangeSession {
  let options: ChangeOptions
  let settings: HostSettings
  /// As it goes into the journal: "set queue.rps-cpus=0-3 eth0".
  let command: String

  init(_ options: ChangeOptions, command: String) {
    self.options = options
    self.command = command
    settings = HostSettings(Host(LiveKernel()))
  }

  private var kernel: any Kernel { settings.host.kernel }

  /// Devices by their own names; an unknown one ends the command before anything is done.
  func devices(named names: [String]) throws -> [String] {
    names.isEmpty ? [] : try settings.host.allDevices(named: names).map(\.name)
  }

  func run(_ requests: [Request], devices: [String], profile: String? = nil) throws {
    try change { planner in planner.plan(requests, devices: devices, profile: profile) }
  }

  /// Plans, shows, and unless it is a dry run carries out.
  func change(_ makePlan: (Planner) throws -> Plan) throws {
    if options.isDryRun {
      var plan = try complete(makePlan(planner))
      plan.findings += try tuner(options.state.record()).objections(to: plan)
      show(plan)
      if !blockers(plan).isEmpty { throw ExitCode.failure }
      if !plan.changes.isEmpty { throw ExitStatus.difference }
      return
    }
    let held: (tuner: Tuner, directory: StateDirectory, lock: StateLock)
    do { held = try hold() } catch TuningError.notBegun(let error) {
      // Who may not use the state directory may lack more: that is said knob by knob.
      let plan = try complete(makePlan(planner))
      guard blockers(plan).isEmpty else {
        show(plan)
        throw refused()
      }
      guard plan.changes.isEmpty else { throw TuningError.notBegun(error) }
      return show(plan)
    }
    try Self.clearTheWay(held.tuner)
    // Planned under the lock, and after what was left behind is undone.
    var plan = try complete(makePlan(planner))
    plan.findings += try held.tuner.objections(to: plan)
    try withExtendedLifetime(held.lock) { try carryOut(plan, held.tuner, held.directory) }
  }

  /// The journals, and the lock on them.
  private func hold() throws -> (tuner: Tuner, directory: StateDirectory, lock: StateLock) {
    let directory: StateDirectory
    do throws(KernelError) { directory = try options.state.directory() } catch {
      throw TuningError.notBegun(error)
    }
    let lock = try Self.lock(directory, command)
    return (try tuner(Archive(directory)), directory, lock)
  }

  private func carryOut(_ plan: Plan, _ tuner: Tuner, _ directory: StateDirectory) throws {
    guard blockers(plan).isEmpty else {
      show(plan)
      throw refused()
    }
    guard !plan.changes.isEmpty else { return show(plan) }
    let linked =
      options.waitLink == nil ? [] : Self.linked(plan.devices, kernel)
    let wait = linked.isEmpty ? nil : options.waitLink
    // Until the link is back, the change waits for its confirmation by this process.
    let span = options.confirmWithin ?? wait
    let deadline = span.map {
      TimeStamp(seconds: TimeStamp.now().seconds + max(1, ($0.milliseconds + 999) / 1_000))
    }
    var report = try tuner.apply(
      plan, command: command, force: options.force, deadline: deadline
    ) { (journal) throws(TuningError) in
      guard let span else { return }
      do throws(KernelError) {
        try ConfirmationGuard.start(journal.id, within: span.milliseconds, directory.path)
      } catch { throw .notBegun(error) }
    }
    if let wait {
      try waitForLinks(linked, wait, tuner, report.journal)
      if options.confirmWithin == nil { report.journal = try keep(report.journal, tuner) }
    }
    if options.json {
      print(ReportJSON.shape.encode((plan, report)).text(), terminator: "")
    } else {
      print(ReportText(plan, report).lines.joined(separator: "\n"))
    }
  }

  /// A change that costs the link for good is taken back.
  private func waitForLinks(
    _ devices: [DeviceIdentity], _ span: Span, _ tuner: Tuner, _ journal: Journal
  ) throws {
    guard let down = Self.down(devices, after: span, kernel) else { return }
    throw try takenBack(
      journal, tuner, "\(down) has no link \(span) after the change")
  }

  /// What cannot be put on record must not stay.
  private func keep(_ journal: Journal, _ tuner: Tuner) throws -> Journal {
    do { return try tuner.confirm(journal.id) ?? journal } catch {
      throw try takenBack(journal, tuner, "\(error)")
    }
  }

  private func takenBack(_ journal: Journal, _ tuner: Tuner, _ why: String) throws -> Failure {
    let restored = try tuner.rollBack(journal.id)
    let rest = Journal.lines(restored.flatMap(\.left))
    guard rest.isEmpty else {
      return Failure(
        "\(why): not fully rolled back: \(rest.joined(separator: "; ")). "
          + "Try: rxtune rollback \(journal.id)")
    }
    return Failure(
      "\(why): "
        + (restored.allSatisfy(\.isComplete)
          ? "it is rolled back, and all is as it was"
          : restored.flatMap(\.notes).joined(separator: "; ")))
  }

  /// Those of the devices that have a link.
  static func linked(_ devices: [String], _ kernel: any Kernel) -> [DeviceIdentity] {
    devices.filter { hasCarrier($0, kernel) }.compactMap(Identities(kernel).named)
  }

  /// Waits for the links of all devices, whatever their names are by then; one that has none when
  /// the time is over, or nil.
  static func down(
    _ devices: [DeviceIdentity], after span: Span, _ kernel: any Kernel
  ) -> String? {
    let identities = Identities(kernel)
    var left = span.milliseconds
    while true {
      let names = devices.map { (then: $0.name, now: identities.current($0)?.name) }
      guard
        let down = names.first(where: { !($0.now.map { hasCarrier($0, kernel) } ?? false) })
      else { return nil }
      guard left > 0 else { return down.now ?? down.then }
      DetachedProcess.sleep(milliseconds: min(50, left))
      left -= 50
    }
  }

  private static func hasCarrier(_ device: String, _ kernel: any Kernel) -> Bool {
    (try? kernel.text(.sys("class/net/\(device)/carrier"))) == "1"
  }

  // MARK: - Parts

  private var planner: Planner {
    Planner(settings)
  }

  private func complete(_ plan: Plan) throws -> Plan {
    try Self.complete(plan, settings, options.irqbalance)
  }

  /// A plan with what on this machine stands in its way beside the devices themselves.
  static func complete(
    _ plan: Plan, _ settings: HostSettings, _ irqbalance: IRQBalance.Handling = .refuse
  ) throws -> Plan {
    let kernel = settings.host.kernel
    var plan = plan
    if let finding = IRQBalance.finding(
      plan, pid: IRQBalance.pid(kernel),
      interrupts: plan.devices.flatMap { settings.interrupts(ofQueues: $0).values },
      handling: irqbalance)
    {
      plan.findings.append(finding)
    }
    plan.findings += try Privileges(kernel).findings(plan)
    return plan
  }

  private func blockers(_ plan: Plan) -> [Finding] {
    plan.blockers.filter { !(options.force && $0.severity == .danger) }
  }

  private func refused() -> Failure { Failure("nothing was changed") }

  private func show(_ plan: Plan) {
    if options.json {
      print(PlanJSON.shape.encode(plan).text(), terminator: "")
    } else {
      print(PlanText(plan).lines.joined(separator: "\n"))
    }
  }

  private func tuner(_ archive: Archive) throws -> Tuner {
    try Self.tuner(settings, archive)
  }

  static func tuner(_ settings: HostSettings, _ archive: Archive) throws -> Tuner {
    let kernel = settings.host.kernel
    return Tuner(
      settings, archive, try Circumstances(kernel, pid: getpid()),
      identities: Identities(kernel),
      fingerprint: { settings.fingerprint(of: $0) })
  }

  /// The lock, or who holds it. Changes take turns: at boot several devices' come at once.
  ///
  /// - Parameter patience: milliseconds to wait for another holder.
  static func lock(
    _ directory: StateDirectory, _ command: String, patience: Int64 = 30_000
  ) throws -> StateLock {
    let pause: Int64 = 50
    var waited: Int64 = 0
    while true {
      do {
        return try directory.lock(
          holder: "rxtune \(command) (pid \(getpid()), since \(TimeStamp.now()))")
      } catch .held(let holder) {
        guard waited < patience else { throw TuningError.locked(by: holder) }
        if waited == 1_000 {
          Console.complain("rxtune: waits for another change that is under way: \(holder)")
        }
        DetachedProcess.sleep(milliseconds: pause)
        waited += pause
      } catch .failed(let error) {
        throw TuningError.notBegun(error)
      }
    }
  }

  /// Before a change: what was left behind is finished, and none waits for its confirmation.
  static func clearTheWay(_ tuner: Tuner) throws {
    try finishInterrupted(tuner)
    if let waiting = try tuner.awaiting() {
      throw Failure(
        "change \(waiting.id) (\(waiting.command)) waits to be confirmed. "
          + "Try: rxtune confirm, or rxtune rollback. Nothing was changed.")
    }
  }

  /// Rolls back what a killed process left, tries again what others owe, and says so. What cannot
  /// be restored is in the way of changes of the same knob alone.
  static func finishInterrupted(_ tuner: Tuner) throws {
    for restored in try tuner.recover() {
      let change = "change \(restored.journal.id) (\(restored.journal.command))"
      switch (restored.was, Journal.lines(restored.left)) {
      case (.incomplete, []): note("\(change) is fully rolled back now")
      case (.incomplete, let left):
        note("\(change) was not fully rolled back: \(left.joined(separator: "; "))")
      case (_, []) where restored.isComplete: note("\(change) was interrupted: rolled back")
      case (_, []): note("\(change) was interrupted")
      case (_, let left):
        note(
          "\(change) was interrupted: not fully rolled back: \(left.joined(separator: "; ")). "
            + "Try: rxtune rollback \(restored.journal.id)")
      }
      for text in restored.notes { note(text) }
    }
  }

  static func note(_ text: String) { Console.complain("rxtune: note: \(text)") }
}
