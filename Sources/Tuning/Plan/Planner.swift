import KernelIO
import Knobs
import ReceivePath

/// Compares what is wanted with what is there, and says what would have to be written, in which
/// order, and what stands in the way. It writes nothing.
package struct Planner {
  let settings: any Settings
  private let survey: (String?) -> Ground
  /// By device; under nil the host's alone.
  private var grounds: [String?: Ground] = [:]
  private var plan = Plan()
  private var requests: [Request] = []
  private var record: ChangeRecord
  private var given: [Setting.Key: KnobValue] = [:]
  /// Devices whose queues are not where packets arrive: policies say nothing of them.
  private var above: Set<String> = []

  package init(_ settings: any Settings, ground: @escaping (String?) -> Ground) {
    self.settings = settings
    survey = ground
    record = ChangeRecord(settings)
  }

  func ground(_ device: String?) -> Ground {
    grounds[device] ?? Ground(online: CPUSet(), cores: [], nodes: [])
  }

  /// - Parameter profile: what the requests come of, for what is to be tried instead.
  package func plan(
    _ requests: [Request], devices: [String], profile: String? = nil
  ) -> Plan {
    var planner = self
    planner.plan.devices = devices
    planner.grounds[nil] = survey(nil)
    for device in devices { planner.grounds[device] = survey(device) }
    planner.requests = WriteOrder.sorted(requests) { WriteOrder($0.knob) }
    for request in planner.requests where request.knob.isOfDevice && devices.isEmpty {
      planner.find(
        .impossible, request.knob, nil, "it is a device's setting, and none was named",
        "Name one: rxtune set \(request.knob.id)=… eth0")
    }
    for device in devices { planner.lookBelow(device, profile) }
    planner.planDevices(devices)
    planner.planHost()
    planner.sortChanges()
    planner.plan.findings += Companions(planner.plan, planner.settings).findings
    planner.record.addReset(by: planner.plan.changes.map(\.setting))
    planner.plan.before = planner.record.before
    planner.plan.leftToDriver = planner.record.leftToDriver
    planner.plan.findings += planner.record.notes
    return planner.plan
  }

  // MARK: - The devices

  /// A device with its queues and vectors, as they are going to be.
  private struct Bay {
    let device: String
    var queues: Queues
    var placement: Placement
    var counted = false
  }

  /// In the order of the writes: each request on all devices, so that the vectors of all have
  /// their places before anything follows from them.
  private mutating func planDevices(_ devices: [String]) {
    var bays = devices.map { device in
      let queues = Queues(settings, device)
      return Bay(
        device: device, queues: queues,
        placement: Placement(ground(device), rxQueues: queues.rx, txQueues: queues.tx))
    }
    for request in requests where request.knob.isOfDevice {
      let order = WriteOrder(request.knob)
      for index in bays.indices {
        if order > .channels { count(&bays[index]) }
        let others = bays.indices.filter { order > .irq ? $0 != index : $0 < index }
        bays[index].placement.others = others.flatMap { bays[$0].placement.taken }
        bays[index].placement.unknownOther =
          others.first { bays[$0].placement.hasUnknown }.map { bays[$0].device }
        plan(request, bays[index].device, bays[index].queues, &bays[index].placement)
      }
    }
    for index in bays.indices { count(&bays[index]) }
  }

  /// Names the devices that placement policies are for where `device` lies above them.
  private mutating func lookBelow(_ device: String, _ profile: String?) {
    let isPlacing = requests.contains { request in
      if case .policy = request.value { request.knob.isOfDevice } else { false }
    }
    guard isPlacing, let arrivals = settings.arrivals(of: device), let below = arrivals.below
    else { return }
    func instead(_ names: [String]) -> String {
      ((profile.map { ["rxtune plan \($0)"] } ?? []) + names).joined(separator: " ")
    }
    func note(_ text: String, _ remedy: String? = nil) {
      plan.findings.append(Finding(.note, device, text, remedy: remedy))
    }
    if below.relation == .function {
      note(
        "its packets arrive at \(below.names.joined(separator: ", ")) while that is up",
        "Name both: \(instead([device] + below.names))")
      return
    }
    above.insert(device)
    let places = arrivals.places.map(\.link)
    guard !places.isEmpty else {
      return note("it has no receive queues of its own: \(arrivals.reason)")
    }
    // A bridge has ports of virtual machines beside the NIC's.
    let nics = places.filter { $0.kind == nil }
    note(
      "its packets arrive at \(places.map(\.name).joined(separator: ", ")), whose queues the "
        + "policies are for",
      "Name \(places.count == 1 ? "it" : "them") instead: "
        + instead((nics.isEmpty ? places : nics).map(\.name)))
  }

  /// Takes the planned channels into account, once they are all planned.
  private mutating func count(_ bay: inout Bay) {
    guard !bay.counted else { return }
    bay.counted = true
    bay.queues.count(plan.changes, bay.device)
    if bay.queues.change {
      bay.placement.recount(rxQueues: bay.queues.rx, txQueues: bay.queues.tx)
    }
    checkChannels(bay.device, bay.queues)
  }

  private mutating func plan(
    _ request: Request, _ device: String, _ queues: Queues, _ placement: inout Placement
  ) {
    let knob = request.knob
    if case .policy = request.value, above.contains(device) { return }
    guard knob.isWritable else {
      find(.impossible, knob, .device(device), "it can only be read", nil)
      return
    }
    let places: [Place]
    do { places = try self.places(request, device, queues) } catch {
      lacks(request, .device(device), error, queues)
      return
    }
    guard !places.isEmpty else {
      if request.selected != nil { return }
      let (text, remedy) = nowhere(knob, device, queues)
      find(request.isRequired ? .impossible : .note, knob, .device(device), text, remedy)
      return
    }
    if knob.scope == .irq, request.selected == nil, places.count < queues.rx {
      let (text, remedy) = nowhere(knob, device, queues)
      find(.note, knob, .device(device), text, remedy)
    }
    for place in places { plan(request, at: place, device, queues, &placement) }
  }

  /// Where the knob is going to have values, once the channels are as planned.
  private mutating func places(
    _ request: Request, _ device: String, _ queues: Queues
  ) throws(KernelError) -> [Place] {
    let knob = request.knob
    let count = knob.scope == .txQueue ? queues.tx : queues.rx
    if knob.scope == .rxQueue || knob.scope == .txQueue, count == 0 {
      // None, or out of reach.
      _ = try settings.places(of: knob, on: device)
    }
    if let selected = request.selected {
      var places: [Place] = []
      for selector in selected {
        if let place = try? place(selector, of: knob, device, queues), knob.fits(place) {
          places.append(place)
        } else {
          let (text, remedy) = missing(selector, knob, device, queues)
          find(request.isRequired ? .impossible : .note, knob, .device(device), text, remedy)
        }
      }
      return places
    }
    switch knob.scope {
    case .rxQueue: return (0..<queues.rx).map { .queue(device: device, .rx, $0) }
    case .txQueue: return (0..<queues.tx).map { .queue(device: device, .tx, $0) }
    case .irq:
      // Interrupts of queues; a device's others (link events) are no business of placement.
      let known = ground(device).vectors
      func isKnown(_ queue: Int) -> Bool { known[queue]?.interrupted != nil }
      // Of queues to come the interrupts will be known where those of all queues are now.
      let all = queues.rxBefore > 0 && (0..<queues.rxBefore).allSatisfy(isKnown)
      return try (0..<queues.rx).filter { queues.change ? all : isKnown($0) }
        .map { (queue) throws(KernelError) in
          let vector = Place.vector(device: device, queue: queue)
          return queues.change ? vector : try settings.resolved(vector)
        }
    case .napi:
      let now = try settings.places(of: knob, on: device)
      // One a receive queue, where that is how it is now.
      guard queues.change, now.count == queues.rxBefore else { return now }
      return (0..<queues.rx).map { .napi(device: device, rank: $0) }
    case .device, .host, .namespace, .cpu, .socket:
      return try settings.places(of: knob, on: device)
    }
  }

  private func place(
    _ selector: Selector, of knob: Knob, _ device: String, _ queues: Queues
  ) throws(KernelError) -> Place? {
    switch selector {
    case .rx(let index) where knob.scope == .irq:
      guard index < queues.rx else { return nil }
      let vector = Place.vector(device: device, queue: index)
      return queues.change ? vector : try settings.resolved(vector)
    case .rx(let index): return index < queues.rx ? .queue(device: device, .rx, index) : nil
    case .tx(let index): return index < queues.tx ? .queue(device: device, .tx, index) : nil
    case .napi, .irq, .cpu: return try settings.place(selector, on: device)
    }
  }

  /// The order of the writes depends on what was found, too.
  private mutating func sortChanges() {
    guard !plan.tablesFirst.isEmpty else { return }
    let tablesFirst = plan.tablesFirst
    plan.changes = WriteOrder.sorted(plan.changes) {
      WriteOrder($0.setting, tablesFirst: tablesFirst)
    }
  }

  // MARK: - One value

  private mutating func plan(
    _ request: Request, at place: Place, _ device: String?, _ queues: Queues?,
    _ placement: inout Placement
  ) {
    let knob = request.knob
    if case .policy(let policy) = request.value, isUndecided(policy, request, place, placement) {
      return
    }
    var old: KnobValue?
    var bounds = Bounds()
    do {
      old = try settings.read(knob, at: place)
      bounds = try settings.bounds(of: knob, at: place)
    } catch {
      // A queue that is yet to come has no value now; anything else has, or lacks the knob.
      guard queues?.isNew(place) == true && error.isOfVanishedPlace else {
        lacks(request, place, error, queues)
        return
      }
    }
    guard let wanted = wanted(request, at: place, old, bounds, queues, &placement) else { return }
    let setting = Setting(knob, at: place, wanted)
    let policy: Policy? = if case .policy(let policy) = request.value { policy } else { nil }
    var reason = request.reason
    reason.policy = policy?.rawValue
    check(setting)
    guard isFirst(setting) else { return }
    if let old { record.add(setting, old) }
    let first = old ?? (queues?.isNew(place) == true ? beginning(of: knob) : nil)
    if let first, knob.accepts(first, for: settings.expected(wanted, of: knob, at: place)) {
      plan.satisfied.append(setting)
    } else {
      if bounds.isFixed {
        refuseFixed(request, setting, old, queues, &placement)
        return
      }
      plan.changes.append(Change(setting, old: old, reason: reason))
    }
  }

  /// What a queue to come has at first; nil where that is the driver's choice. It is compared once
  /// the queue is there.
  private func beginning(of knob: Knob) -> KnobValue? {
    guard knob.id == "queue.rps-cpus", let mask = Knob.named("net.core.rps_default_mask") else {
      return nil
    }
    return (try? settings.read(mask, at: .host)) ?? .cpus(CPUSet())
  }

  /// What cannot be written, by whoever.
  private mutating func refuseFixed(
    _ request: Request, _ setting: Setting, _ old: KnobValue?, _ queues: Queues?,
    _ placement: inout Placement
  ) {
    let now = old?.description ?? "what it is"
    let (text, remedy): (String, String?) =
      switch setting.knob.access {
      case .irqFile:
        (
          "it stays at \(now): the kernel manages this interrupt itself, or its controller cannot "
            + "move it",
          "A managed interrupt's CPUs follow from the number of queues."
        )
      case .sysctl: ("it can only be read in this network namespace, and is \(now)", nil)
      default: ("the driver has it fixed at \(now)", nil)
      }
    find(request.isRequired ? .impossible : .note, setting.knob, setting.place, text, remedy)
    // What follows from the vector's CPU goes by where it stays.
    if case .irqFile = setting.knob.access, case .cpus(let cpus)? = old,
      let queue = queue(of: setting.place, queues)
    {
      placement.place(cpus, queue: queue)
    }
  }

  private mutating func wanted(
    _ request: Request, at place: Place, _ old: KnobValue?, _ bounds: Bounds, _ queues: Queues?,
    _ placement: inout Placement
  ) -> KnobValue? {
    let knob = request.knob
    switch request.value {
    case .literal(let text):
      let value = parse(text, knob, place, bounds, placement)
      settle(value, knob, place, queues, &placement)
      return value
    case .each(let values):
      let text = values.first { selector, _ in
        (try? self.place(selector, of: knob, place.device ?? "", queues ?? Queues())) == place
      }?.value
      let value = text.flatMap { parse($0, knob, place, bounds, placement) }
      settle(value, knob, place, queues, &placement)
      return value
    case .policy(let policy):
      let value = resolve(policy, knob, place, bounds, queues, &placement)
      if value == nil && request.isRequired {
        find(.note, knob, place, "\(policy.rawValue) has nothing to say on it", nil)
      }
      return value
    }
  }

  /// What follows from a vector's CPUs goes by those that are named for it.
  private func settle(
    _ value: KnobValue?, _ knob: Knob, _ place: Place, _ queues: Queues?,
    _ placement: inout Placement
  ) {
    guard knob.id == "irq.smp-affinity", case .cpus(let cpus)? = value else { return }
    if case .vector(_, let queue) = place {
      placement.place(cpus, queue: queue)
    } else if let queue = queue(of: place, queues) {
      placement.place(cpus, queue: queue)
    }
  }

  /// Says what a policy would have to know and does not, once a device.
  private mutating func isUndecided(
    _ policy: Policy, _ request: Request, _ place: Place, _ placement: Placement
  ) -> Bool {
    guard case .queue(let device, _, let queue) = place,
      let unknown = placement.unknown(policy, of: request.knob, queue: queue)
    else { return false }
    find(
      request.isRequired ? .impossible : .note, request.knob, .device(device),
      "left alone: \(unknown)",
      "See /proc/interrupts, and set it by hand: rxtune set \(request.knob.id)=LIST \(device)")
    return true
  }

  private mutating func parse(
    _ text: String, _ knob: Knob, _ place: Place, _ bounds: Bounds, _ placement: Placement
  ) -> KnobValue? {
    do {
      let value = try KnobValue.parse(text, for: knob, maximum: bounds.maximum)
      let queues = placement.rxQueues
      if knob.access == .flowRules { return parseRules(text, knob, place, queues) }
      if knob.access == .rss(.contexts) { return parseContexts(text, knob, place, queues) }
      if knob.access == .rss(.indirection), let highest = IndirectionTable.highestQueue(text),
        queues > 0, highest >= UInt32(clamping: queues)
      {
        find(
          .impossible, knob, place,
          "\"\(text)\" leads to queue \(highest): the device has \(queues) receive queues, from 0",
          nil)
        return nil
      }
      return value
    } catch {
      // Beyond what the device reports nothing helps; beyond what is sane, --force does.
      let beyond = try? KnobValue.parse(text, for: knob, beyondRange: true)
      if let beyond, case .number(let number) = beyond, number <= bounds.maximum ?? .max,
        knob.hasRoom(for: number)
      {
        find(
          .danger, knob, place, "\(error.problem): \"\(text)\"",
          "The kernel may take it all the same: --force writes it.")
        return beyond
      }
      find(.impossible, knob, place, "\"\(text)\" \(error.problem)", nil)
      return nil
    }
  }

  /// A table of flow rules in its canonical form; each must lead to a queue that there will be.
  private mutating func parseRules(
    _ text: String, _ knob: Knob, _ place: Place, _ queues: Int
  ) -> KnobValue? {
    do throws(FlowRuleError) {
      let rules = try FlowRuleTable.rules(text)
      let beyond = rules.filter { queues > 0 && ($0.queue ?? 0) >= queues }
      for rule in beyond {
        find(
          .impossible, knob, place, "\(rule.text): the device has \(queues) receive queues, from 0",
          nil)
      }
      return beyond.isEmpty ? .text(FlowRuleTable.text(rules)) : nil
    } catch {
      find(.impossible, knob, place, "\(error)", nil)
      return nil
    }
  }

  /// Contexts in their canonical form: each must lead to queues that there will be, and none may
  /// go that a rule sends packets to.
  private mutating func parseContexts(
    _ text: String, _ knob: Knob, _ place: Place, _ queues: Int
  ) -> KnobValue? {
    let contexts: [RSSContext]
    do throws(RSSContextError) { contexts = try RSSContextTable.contexts(text) } catch {
      find(.impossible, knob, place, "\(error)", nil)
      return nil
    }
    var isPossible = true
    for context in contexts {
      guard let highest = context.table.flatMap(IndirectionTable.highestQueue), queues > 0,
        highest >= UInt32(clamping: queues)
      else { continue }
      find(
        .impossible, knob, place,
        "context \(context.number.map(String.init) ?? "new") leads to queue \(highest): the device "
          + "has \(queues) receive queues, from 0", nil)
      isPossible = false
    }
    let kept = Set(contexts.compactMap(\.number))
    for rule in rules(at: place) {
      guard let context = rule.context, context != 0, !kept.contains(context) else { continue }
      find(
        .impossible, knob, place, "a rule sends packets to context \(context): \(rule.text)",
        "Delete it first: rxtune ntuple del \(place) \(rule.location)")
      isPossible = false
    }
    return isPossible ? .text(RSSContextTable.text(contexts)) : nil
  }

  /// The flow rules that there are, and those that are wanted: contexts are written before either
  /// go or come.
  private func rules(at place: Place) -> [FlowRule] {
    guard let knob = Knob.named("flow-rules") else { return [] }
    var texts = requests.compactMap { request -> String? in
      guard request.knob == knob, case .literal(let text) = request.value else { return nil }
      return text
    }
    if case .text(let text)? = try? settings.read(knob, at: place) { texts.insert(text, at: 0) }
    return texts.flatMap { (try? FlowRuleTable.rules($0)) ?? [] }
  }

  private func resolve(
    _ policy: Policy, _ knob: Knob, _ place: Place, _ bounds: Bounds, _ queues: Queues?,
    _ placement: inout Placement
  ) -> KnobValue? {
    switch (knob.id, place) {
    case ("irq.smp-affinity", .vector(_, let queue)):
      return placement.affinity(policy, queue: queue).map { .cpus($0) }
    case ("irq.smp-affinity", _):
      guard let queue = queue(of: place, queues) else { return nil }
      return placement.affinity(policy, queue: queue).map { .cpus($0) }
    case ("queue.rps-cpus", .queue(_, _, let queue)):
      return placement.rps(policy, queue: queue).map { .cpus($0) }
    case ("queue.xps-cpus", .queue(_, _, let queue)):
      return placement.xps(policy, queue: queue).map { .cpus($0) }
    case ("queue.xps-rxqs", .queue(_, _, let queue)) where policy == .oneToOne:
      return queue < placement.rxQueues ? .cpus(CPUSet([queue])) : nil
    case ("queue.rps-flow-cnt", .queue) where policy == .equal:
      guard let entries = flowEntries, placement.rxQueues > 0 else { return nil }
      return .number(entries / Int64(placement.rxQueues))
    case ("rss.indirection", _) where policy == .equal:
      // Over all queues is what a driver does by itself, and what it keeps doing as they change.
      return .text("default")
    case ("channels.combined", _), ("channels.rx", _), ("channels.tx", _):
      // Where queues can be combined, separate ones would come on top.
      if knob.id != "channels.combined", queues?.canCombine == true { return nil }
      return bounds.maximum.flatMap { placement.channels(policy, maximum: $0) }
        .map { .number($0) }
    default: break
    }
    switch (policy, knob.form) {
    case (.max, .number): return bounds.maximum.map { .number($0) }
    case (.off, .number): return .number(0)
    case (.off, .set): return .cpus(CPUSet())
    case (.off, .flag): return .flag(false)
    default: return nil
    }
  }

  /// The receive queue that an interrupt serves now.
  private func queue(of place: Place, _ queues: Queues?) -> Int? {
    guard let device = place.device, let queues else { return nil }
    return (0..<queues.rx).first {
      (try? settings.resolved(.vector(device: device, queue: $0))) == place
    }
  }

  /// What RFS has for all queues: as planned, or as it is.
  private var flowEntries: Int64? {
    let id = "net.core.rps_sock_flow_entries"
    for request in requests where request.knob.id == id {
      if case .literal(let text) = request.value, let number = Int64(text) { return number }
    }
    guard let knob = Knob.named(id), case .number(let number)? = try? settings.read(knob, at: .host)
    else { return nil }
    return number
  }

  // MARK: - The host

  private mutating func planHost() {
    var placement = Placement(
      Ground(online: CPUSet(), cores: [], nodes: []), rxQueues: 0, txQueues: 0)
    for request in requests where !request.knob.isOfDevice {
      guard request.knob.isWritable, request.knob.scope != .socket else {
        find(
          .impossible, request.knob, nil,
          request.knob.scope == .socket
            ? "programs set it for themselves (\(request.knob.document))" : "it can only be read",
          nil)
        continue
      }
      do throws(KernelError) {
        var places = try settings.places(of: request.knob, on: nil)
        if let selected = request.places {
          places = []
          for selector in selected.sorted(by: { $0.description < $1.description }) {
            if let place = try settings.place(selector, on: nil) { places.append(place) }
          }
        }
        for place in places { plan(request, at: place, nil, nil, &placement) }
      } catch { lacks(request, .host, error, nil) }
    }
  }

  // MARK: - What stands in the way

  private mutating func lacks(
    _ request: Request, _ place: Place, _ error: KernelError, _ queues: Queues?
  ) {
    let (text, remedy, isAbsent) = lack(of: request.knob, at: place, error, queues)
    find(
      isAbsent && !request.isRequired ? .note : .impossible, request.knob, place, text, remedy)
  }

  mutating func find(
    _ severity: Finding.Severity, _ knob: Knob, _ place: Place?, _ text: String,
    _ remedy: String?
  ) {
    let finding = Finding(severity, knob, at: place, text, remedy: remedy)
    if !plan.findings.contains(finding) { plan.findings.append(finding) }
  }

  /// False, and a finding, where the command has given the same value another time.
  private mutating func isFirst(_ setting: Setting) -> Bool {
    let key = settings.resolved(setting.key)
    guard let other = given.updateValue(setting.value, forKey: key) else { return true }
    find(
      .impossible, setting.knob, setting.place,
      "it is given twice: \(other.description) and \(setting.value.description)", nil)
    return false
  }

  private mutating func check(_ setting: Setting) {
    let ground = ground(setting.place.device)
    guard case .cpus(let cpus) = setting.value, setting.knob.unit == .cpus else { return }
    let (knob, place) = (setting.knob, setting.place)
    if !ground.online.isEmpty, !cpus.isSubset(of: ground.online) {
      let offline = cpus.subtracting(ground.online)
      if knob.id.hasPrefix("irq."), !cpus.intersection(ground.online).isEmpty {
        find(.note, knob, place, "CPU \(offline.list) is offline and gets no interrupt", nil)
      } else {
        find(
          .impossible, knob, place, "CPU \(offline.list) is offline: the kernel would drop it",
          "Online are \(ground.online.list)." + Self.asMask(cpus, ground.online))
      }
    }
    let kept = cpus.intersection(ground.isolated)
    if ["queue.rps-cpus", "net.core.rps_default_mask"].contains(knob.id), !kept.isEmpty {
      // Since 5.9 rps_cpus is cut to the housekeeping CPUs (net/core/net-sysfs.c); before, RPS
      // interrupts what isolation is there to spare.
      find(
        .danger, knob, place,
        "CPU \(kept.list) is isolated (isolcpus= or nohz_full=): the kernel leaves it out of RPS",
        "Choose of \(ground.online.subtracting(ground.isolated).list).")
    }
    if knob.id == "irq.smp-affinity", cpus.isEmpty {
      find(.impossible, knob, place, "an interrupt needs a CPU: the set is empty", nil)
    }
  }

  /// A number beyond the host's CPUs may be a mask: " As a mask, 11 is CPUs 0,4."
  private static func asMask(_ cpus: CPUSet, _ online: CPUSet) -> String {
    guard cpus.count == 1, let mask = CPUSet(mask: cpus.list), !mask.isEmpty,
      mask.isSubset(of: online)
    else { return "" }
    return " As a mask, \(cpus.list) is the list \(mask.list)."
  }

  private mutating func checkChannels(_ device: String, _ queues: Queues) {
    guard queues.change,
      let knob = plan.changes.last(where: {
        $0.setting.knob.group == "channels" && $0.setting.place == .device(device)
      })?.setting.knob
    else { return }
    if queues.rx == 0 || queues.tx == 0 {
      find(
        .impossible, knob, .device(device),
        "no \(queues.rx == 0 ? "receiving" : "transmitting") channel would be left", nil)
    }
    guard queues.rx < queues.rxBefore else { return }
    let left = queues.rx
    let leads: [(what: String, highest: Int?, knob: String?, remedy: String)] = [
      (
        "the RSS table leads", queues.hasDefaultTable ? nil : queues.highestInTable,
        "rss.indirection",
        "Make the table smaller first: rxtune set rss.indirection=\"equal \(left)\" \(device)"
      ),
      (
        "an RSS context leads", queues.highestInContexts, "rss.contexts",
        "Change it first: rxtune rss \(device) --context N --equal \(left), or --delete"
      ),
      (
        "a flow rule leads", queues.highestInRules, nil,
        "Delete it first: rxtune ntuple list \(device), rxtune ntuple del \(device) LOC"
      ),
    ]
    for (what, highest, table, remedy) in leads {
      guard let highest, highest >= left else { continue }
      if let table, requests.contains(where: { $0.knob.id == table }) {
        plan.tablesFirst.insert(device)
      } else {
        find(
          .impossible, knob, .device(device),
          "\(what) to queue \(highest), and only \(left) would be left", remedy)
      }
    }
  }
}

extension Knob {
  package var isOfDevice: Bool {
    switch scope {
    case .device, .rxQueue, .txQueue, .napi, .irq: true
    case .host, .namespace, .cpu, .socket: false
    }
  }

  /// Whether the kernel's message can carry the number: most have 32 bits and no sign.
  func hasRoom(for number: Int64) -> Bool {
    switch access {
    case .ethtool, .link, .tunable, .queueCoalesce: UInt32(exactly: number) != nil
    case .napi: number >= 0
    default: true
    }
  }

  /// Whether such a place can have a value of this knob.
  func fits(_ place: Place) -> Bool {
    switch (scope, place) {
    case (.host, .host), (.namespace, .host), (.device, .device), (.napi, .napi), (.cpu, .cpu),
      (.irq, .interrupt), (.irq, .vector):
      true
    case (.rxQueue, .queue(_, let direction, _)): direction == .rx
    case (.txQueue, .queue(_, let direction, _)): direction == .tx
    default: false
    }
  }
}
