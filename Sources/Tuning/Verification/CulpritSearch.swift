package import KernelIO
package import Knobs
import Notation
import ReceivePath

/// Whom a look asks for what happened.
package struct Evidence {
  package var identities: Identities
  /// The marks that a device, or the host, bears now.
  package var fingerprint: (String?) -> Fingerprint?
  /// The CPUs that a driver would have an interrupt at (/proc/irq/N/affinity_hint).
  package var hint: (Place) -> CPUSet?
  /// Process id of irqbalance where it runs now.
  package var irqbalance: () -> Int?

  package init(
    identities: Identities,
    fingerprint: @escaping (String?) -> Fingerprint? = { _ in nil },
    hint: @escaping (Place) -> CPUSet? = { _ in nil },
    irqbalance: @escaping @autoclosure () -> Int?
  ) {
    self.identities = identities
    self.fingerprint = fingerprint
    self.hint = hint
    self.irqbalance = irqbalance
  }
}

/// An earlier look: what took a setting that was as wanted by then came later.
package struct Baseline {
  var fingerprints: [String?: Fingerprint]
  var held: Set<Setting.Key>
  var time: TimeStamp
  /// The changes that were in force.
  var changes: [String]
  /// What the kernel announced since.
  package var events: [DeviceEvent] = []
}

/// Finds what took settings from their values. What it asks of a host is asked once a look.
struct CulpritSearch {
  private let settings: any Settings
  private let evidence: Evidence
  /// The oldest first, in the names that devices have now.
  private let journals: [Journal]
  private let baseline: Baseline?
  private var fingerprints: [String?: Fingerprint?] = [:]
  private var irqbalance: Int??

  init(
    _ settings: any Settings, _ evidence: Evidence, _ journals: [Journal],
    baseline: Baseline? = nil
  ) {
    self.settings = settings
    self.evidence = evidence
    self.journals = journals
    self.baseline = baseline
  }

  mutating func fingerprint(_ device: String?) -> Fingerprint? {
    let evidence = evidence
    return Self.once(&fingerprints[device]) { evidence.fingerprint(device) }
  }

  /// This look, for the next one to go by.
  mutating func look(_ rows: [Verification.Row]) -> Baseline {
    let places: Set<String?> = Set(rows.map(\.setting.place.device)).union([nil])
    let fingerprints = places.map { ($0, fingerprint($0)) }
    return Baseline(
      fingerprints: Dictionary(uniqueKeysWithValues: fingerprints).compactMapValues { $0 },
      held: Set(rows.filter(\.isAsWanted).map(\.setting.key)), time: .now(), changes: inForce)
  }

  private var inForce: [String] { journals.filter(\.isInForce).map(\.id) }

  private static func once<Value>(_ slot: inout Value?, _ ask: () -> Value) -> Value {
    if let slot { return slot }
    let value = ask()
    slot = value
    return value
  }
}

// MARK: - Steps

extension CulpritSearch {
  /// What lies between two looks at a device.
  private struct Step {
    var then: Fingerprint
    var now: Fingerprint
    var events: [DeviceEvent] = []

    /// Whether a mark is another one; nil where either look lacks it.
    func changed(_ mark: Fingerprint.Mark) -> Bool? {
      guard let then = then[mark], let now = now[mark] else { return nil }
      return then != now
    }

    /// Instances or interrupts that are not the same; nil where there are none to be told by.
    var isReopened: Bool? {
      let marks = [Fingerprint.Mark.napi, .vectors].filter {
        !(then[$0] ?? []).isEmpty || !(now[$0] ?? []).isEmpty
      }
      let changes = marks.compactMap(changed)
      return changes.isEmpty ? nil : changes.contains(true)
    }

    func growth(_ mark: Fingerprint.Mark) -> UInt64 {
      guard let then = then[mark]?.first, let now = now[mark]?.first, now > then else { return 0 }
      return now - then
    }

    /// Queues that both looks saw, and that are other objects in the second; nil where a look
    /// lacks them.
    func remade(_ direction: Place.Direction) -> CPUSet? {
      guard let then = then[direction.mark], let now = now[direction.mark] else { return nil }
      return CPUSet(zip(then, now).enumerated().filter { $0.1.0 != $0.1.1 }.map(\.offset))
    }
  }

  /// - Parameter found: what is there now; nil where its place is gone.
  mutating func culprit(_ setting: Setting, found: KnobValue?, _ journal: Journal) -> Culprit? {
    guard journal.settled.contains(where: { $0.key == setting.key }) else { return nil }
    let device = setting.place.device
    let held = baseline.flatMap { $0.held.contains(setting.key) ? $0 : nil }
    let start = held == nil ? self.start(device, journal) : nil
    let since = held?.time ?? start?.time ?? journal.events.last?.time ?? journal.started
    let newest = held?.changes.last ?? journal.id
    let later = journals.filter { Archive.precedes(newest, $0.id) && $0.started >= since }
    var then = held?.fingerprints[device] ?? start?.fingerprint
    if let device {
      for change in later {
        let looks = looks(device, change)
        // Between the changes, others had their turn.
        if let verdict = outside(
          setting, from: then, to: looks.start, before: change, device, journal, since)
        {
          return verdict
        }
        if took(change, setting, device, looks, found) {
          return .ownChange(id: change.id, command: change.command)
        }
        then = looks.end ?? then
      }
      if let then, let now = fingerprint(device) {
        let step = Step(then: then, now: now, events: announced(device))
        if let culprit = explain(setting, found, device, step, journal) { return culprit }
      }
    }
    let host = held?.fingerprints[nil] ?? self.start(nil, journal)?.fingerprint
    if let host, let culprit = processors(setting, found, since: host) { return culprit }
    if setting.knob == .irqAffinity, let pid = running() { return .irqbalance(pid: pid) }
    return rest(setting, found, journal, from: then, since)
  }

  private mutating func running() -> Int? {
    Self.once(&irqbalance, evidence.irqbalance)
  }

  /// What was done to a setting before one of our changes began, as its record tells.
  private mutating func outside(
    _ setting: Setting, from then: Fingerprint?, to now: Fingerprint?, before change: Journal,
    _ device: String, _ journal: Journal, _ since: TimeStamp
  ) -> Culprit? {
    let recorded = change.before.first { $0.key == setting.key }?.value
    if recorded == setting.value { return nil }
    if let then, let now,
      let culprit = explain(setting, recorded, device, Step(then: then, now: now), journal)
    {
      return culprit
    }
    return recorded == nil ? nil : rest(setting, recorded, journal, from: then, since)
  }

  /// Whether one of our changes took the value: it resets the setting, and could not put it back.
  private func took(
    _ change: Journal, _ setting: Setting, _ device: String, _ looks: Looks, _ found: KnobValue?
  ) -> Bool {
    let resets = change.wanted.contains { cause in
      cause.place.device == device && cause.knob.resets(setting.knob)
        && !change.before.contains(cause)
    }
    guard resets else { return false }
    let recorded = change.before.first { $0.key == setting.key }
    if case .incomplete = change.state, recorded?.value == setting.value { return true }
    switch setting.place.part {
    case .queue(let direction, let index):
      let count = looks.end?[direction.mark]?.count ?? change.queueCount(direction, of: device)
      if let count, index >= count { return recorded != nil }
    case .napi(let rank):
      if let count = looks.end?[.napi]?.count, rank >= count { return recorded != nil }
    default:
      if found == nil { return recorded != nil }
    }
    // What it found it put back; and what was not there by then it has not taken.
    return !change.before.contains { $0.knob == setting.knob && $0.place.device == device }
  }

  /// The newest look at the device by which the setting was as the change left it: at the
  /// change's end, or after a repair.
  private func start(_ device: String?, _ journal: Journal) -> (
    fingerprint: Fingerprint, time: TimeStamp
  )? {
    var best: (fingerprint: Fingerprint, time: TimeStamp)?
    for candidate in journals + [journal] where !Archive.precedes(candidate.id, journal.id) {
      let looks = looks(device, candidate)
      let due = candidate.id == journal.id ? [looks.endEvent] + looks.repairs : looks.repairs
      for case let (fingerprint, time)? in due where best.map({ $0.time <= time }) ?? true {
        best = (fingerprint, time)
      }
    }
    return best
  }

  private typealias Look = (fingerprint: Fingerprint, time: TimeStamp)

  /// The looks at a device that a journal keeps.
  private struct Looks {
    var start: Fingerprint?
    var end: Fingerprint?
    var endEvent: Look?
    /// After the end, while the change was in force.
    var repairs: [Look] = []
  }

  private func looks(_ device: String?, _ journal: Journal) -> Looks {
    var early: [Look] = []
    var late: [Look] = []
    var isConcluded = false
    for event in journal.events {
      switch event.kind {
      case .fingerprint(device, let fingerprint):
        if isConcluded {
          late.append((fingerprint, event.time))
        } else {
          early.append((fingerprint, event.time))
        }
      case .fingerprint, .settled: continue
      default: isConcluded = true
      }
    }
    var looks = Looks()
    // An older rxtune looked at the end only.
    if early.count > 1 || !isConcluded { looks.start = early.first?.fingerprint }
    if isConcluded { looks.endEvent = early.last }
    switch journal.state {
    case .committed, .awaiting: looks.repairs = late
    default: looks.endEvent = late.last ?? looks.endEvent
    }
    looks.end = looks.endEvent?.fingerprint
    return looks
  }

  /// What the kernel announced of the device since the last look.
  private func announced(_ device: String) -> [DeviceEvent] {
    // A change of ours, or its rollback, announces itself too.
    guard let baseline, baseline.changes == inForce, !baseline.events.isEmpty,
      let index = evidence.identities.named(device)?.ifindex
    else { return [] }
    return baseline.events.filter { $0.index.map { "\($0)" } == index }
  }
}

// MARK: - Reasons

extension CulpritSearch {
  /// What happened to the device that can have left the setting as it is.
  private mutating func explain(
    _ setting: Setting, _ found: KnobValue?, _ device: String, _ step: Step, _ journal: Journal
  ) -> Culprit? {
    let resetters = resetters(of: setting.knob)
    let announced = step.events.first { event in
      resetters.contains { $0.group == event.group }
    }
    if case .queue(let direction, let index) = setting.place.part,
      let then = step.then[direction.mark]?.count, let now = step.now[direction.mark]?.count,
      let remade = step.remade(direction)
    {
      let channels: Culprit.ChannelEvidence
      if index < then, index >= now {
        channels = .counts(direction, then: then, now: now)
      } else if remade.contains(index) {
        guard isReset(setting, found, journal, isRemade: true) else { return nil }
        channels = .remade(direction, remade)
      } else if !setting.knob.isLaidOutByDriver {
        // It belongs to the queue: while that stays, only a write can change it.
        return nil
      } else {
        return reopening(setting, found, device, step, journal, resetters, announced)
      }
      return .channelChange(
        device: device, announced?.group == .channels ? .announced : channels)
    }
    return reopening(setting, found, device, step, journal, resetters, announced)
  }

  private mutating func reopening(
    _ setting: Setting, _ found: KnobValue?, _ device: String, _ step: Step, _ journal: Journal,
    _ resetters: [Knob], _ announced: DeviceEvent?
  ) -> Culprit? {
    let isRemade = step.changed(.vectors) != false && step.isReopened != false
    guard isReset(setting, found, journal, isRemade: isRemade) else { return nil }
    for knob in resetters {
      guard let then = step.then.value(of: knob), let now = step.now.value(of: knob), then != now
      else { continue }
      guard knob.group == .channels else {
        return .settingChange(knob: knob.id, then: then, now: now)
      }
      let direction = knob == .channelsTx ? Place.Direction.tx : .rx
      return .channelChange(
        device: device,
        announced?.group == .channels
          ? .announced : .counts(direction, then: Int(then) ?? 0, now: Int(now) ?? 0))
    }
    if let announced, announced.group == .channels || step.isReopened != false {
      return announced.group == .channels
        ? .channelChange(device: device, .announced)
        : .announcedChange(device: device, event: announced.command)
    }
    if resetters.contains(where: { $0.group == .channels }) {
      for direction in [Place.Direction.rx, .tx] {
        guard let remade = step.remade(direction), !remade.isEmpty else { continue }
        return .channelChange(device: device, .remade(direction, remade))
      }
    }
    if found == nil, case .napi = setting.place.part, step.now[.up] == [0] {
      return .linkDown(device: device)
    }
    guard setting.knob.isLaidOutByDriver || resetters.contains(where: { $0.group == .rings })
    else { return nil }
    let timeouts = step.growth(.timeouts)
    if timeouts > 0 { return .driverReset(device: device, timeouts: timeouts) }
    let isCarrierLost = step.growth(.carrier) > 0
    if step.events.contains(where: \.tellsDown)
      || step.changed(.ipv6) == true && (isCarrierLost || step.isReopened == true)
    {
      return .linkBounce(device: device)
    }
    return step.isReopened == true
      ? .queuesReopened(device: device, isCarrierLost: isCarrierLost) : nil
  }

  /// CPUs that went, and took with them what was placed there.
  private mutating func processors(
    _ setting: Setting, _ found: KnobValue?, since then: Fingerprint
  ) -> Culprit? {
    guard let now = fingerprint(nil), let thenOnline = then.cpus(.online),
      let nowOnline = now.cpus(.online)
    else { return nil }
    let gone = thenOnline.subtracting(nowOnline)
    let lost = gone.union(Self.back(then, now))
    func culprit(_ cpus: CPUSet) -> Culprit {
      cpus.intersection(gone).isEmpty ? .cpusBack(cpus) : .cpusOffline(cpus.intersection(gone))
    }
    if case .cpu(let cpu) = setting.place.part {
      return lost.contains(cpu) ? culprit(CPUSet([cpu])) : nil
    }
    guard case .cpus(let wanted) = setting.value, case .cpus(let found)? = found else { return nil }
    switch setting.knob {
    case .irqAffinity:
      guard !lost.isEmpty else { return nil }
      // An interrupt with no CPU left is given to all that are online, or to the default of all.
      let isBroken =
        wanted.intersection(thenOnline).subtracting(lost).isEmpty
        && (found.intersection(wanted).isEmpty || nowOnline.isSubset(of: found))
      if isBroken { return culprit(wanted.intersection(lost)) }
      return evidence.hint(setting.place) == found ? culprit(lost) : nil
    case .xpsCPUs:
      guard !lost.isEmpty, let device = setting.place.device,
        case .queue(_, let index) = setting.place.part,
        evidence.hint(.vector(device: device, queue: index)) == found
      else { return nil }
      return culprit(lost)
    case .rpsCPUs:
      if !wanted.intersection(lost).isEmpty,
        found == wanted.subtracting(lost) || found == wanted.subtracting(gone)
      {
        return culprit(wanted.intersection(lost))
      }
      let isolated = (now.cpus(.isolated) ?? CPUSet()).subtracting(then.cpus(.isolated) ?? CPUSet())
        .intersection(wanted)
      return !isolated.isEmpty && found == wanted.subtracting(isolated)
        ? .cpusIsolated(isolated) : nil
    default: return nil
    }
  }

  /// CPUs that are online as they were, and were not in between.
  private static func back(_ then: Fingerprint, _ now: Fingerprint) -> CPUSet {
    guard let before = then.caches, let after = now.caches else { return CPUSet() }
    return CPUSet(
      after.compactMap { cpu, inode in
        before.first { $0.cpu == cpu }.flatMap { $0.inode != inode ? cpu : nil }
      })
  }

  /// Nothing of the kind happened, as far as could be looked.
  private mutating func rest(
    _ setting: Setting, _ found: KnobValue?, _ journal: Journal, from then: Fingerprint?,
    _ since: TimeStamp
  ) -> Culprit {
    let device = setting.place.device
    let event = device.flatMap { device in
      announced(device).first { $0.group == setting.knob.group }?.command
    }
    let other = Culprit.otherProgram(since: since, event: event)
    let resetters = resetters(of: setting.knob)
    if event != nil { return other }
    guard let device, !resetters.isEmpty else { return found == nil ? unknown([], []) : other }
    let untold = untold(setting, then, fingerprint(device))
    if untold.isEmpty || !isReset(setting, found, journal, isRemade: true) {
      return found == nil ? unknown([.channelChange, .linkBounce], untold) : other
    }
    return unknown([], untold)
  }

  private func unknown(_ ruledOut: [Culprit.Kind], _ untold: [Fingerprint.Mark]) -> Culprit {
    .unknown(ruledOut: ruledOut, untold: untold)
  }

  /// What would have to be known to rule everything out, and is not.
  private func untold(_ setting: Setting, _ then: Fingerprint?, _ now: Fingerprint?) -> [Fingerprint
    .Mark]
  {
    func isTold(_ mark: Fingerprint.Mark) -> Bool { then?[mark] != nil && now?[mark] != nil }
    func isTelling(_ mark: Fingerprint.Mark) -> Bool {
      isTold(mark) && !((then?[mark] ?? []) + (now?[mark] ?? [])).isEmpty
    }
    if case .queue(let direction, _) = setting.place.part, !setting.knob.isLaidOutByDriver {
      return isTold(direction.mark) ? [] : [direction.mark]
    }
    return [Fingerprint.Mark.rx].filter { !isTold($0) }
      + (isTelling(.napi) || isTelling(.vectors) ? [] : [.napi, .vectors])
  }

  /// Whether `found` is what a device may have after it was reset, rather than a value that
  /// somebody chose.
  private func isReset(
    _ setting: Setting, _ found: KnobValue?, _ journal: Journal, isRemade: Bool
  ) -> Bool {
    guard let found else { return true }
    if journal.before.contains(where: { $0.key == setting.key && $0.value == found }) {
      return true
    }
    switch (setting.knob.access, found) {
    case (.queueFile("rps_cpus"), .cpus(let cpus)):
      return cpus.isEmpty || value(of: .rpsDefaultMask, at: .host) == found
    case (.queueFile("rps_flow_cnt"), _): return found == .number(0)
    case (.queueFile, _) where setting.knob.isLaidOutByDriver && !isRemade:
      guard let device = setting.place.device, case .queue(_, let index) = setting.place.part else {
        return true
      }
      return evidence.hint(.vector(device: device, queue: index)).map { .cpus($0) } == found
    case (.irqFile, .cpus(let cpus)): return isRemade || evidence.hint(setting.place) == cpus
    case (.napi, _):
      // They begin with the device's.
      let defaults = resetters(of: setting.knob).filter {
        if case .deviceFile = $0.access { true } else { false }
      }
      guard let device = setting.place.device, let knob = defaults.first,
        let value = value(of: knob, at: .device(device))
      else { return true }
      return value == found
    case (.rss(.indirection), .table(let table)): return table == .driver || table.isEqual
    default: return true
    }
  }

  private func value(of knob: Knob, at place: Place) -> KnobValue? {
    try? settings.read(knob, at: place)
  }

  /// What resets a knob, by the catalogue.
  private func resetters(of knob: Knob) -> [Knob] {
    Knob.catalogue.filter { $0 != knob && $0.resets(knob) }
  }
}

extension Place.Direction {
  fileprivate var mark: Fingerprint.Mark { self == .rx ? .rx : .tx }
}

extension Journal {
  /// How many queues the change wanted, where it wanted a number of them.
  fileprivate func queueCount(_ direction: Place.Direction, of device: String) -> Int? {
    let counts = wanted.compactMap { setting -> Int? in
      guard setting.place == .device(device),
        setting.knob == (direction == .rx ? .channelsRx : .channelsTx)
          || setting.knob == .channelsCombined,
        case .number(let count) = setting.value
      else { return nil }
      return Int(clamping: count)
    }
    return counts.isEmpty ? nil : counts.reduce(0, &+)
  }
}

extension DeviceEvent {
  /// The group of the knobs that were changed.
  fileprivate var group: Knob.Group? {
    guard case .ethtool = self else { return nil }
    return switch command {
    case "channels-ntf": .channels
    case "coalesce-ntf": .coalesce
    case "features-ntf": .features
    case "pause-ntf": .pause
    case "privflags-ntf": .privateFlags
    case "rings-ntf": .rings
    case "rss-ntf": .rss
    default: nil
    }
  }

  fileprivate var tellsDown: Bool {
    if case .link(_, _, isUp: false) = self { true } else { false }
  }
}
