import KernelIO
import Knobs
import ReceivePath

/// Compares what is wanted with what is there, and says what would have to be written, in which
/// order, and what stands in the way. It writes nothing.
package struct Planner {
  private let settings: any Settings

  package init(_ settings: any Settings) {
    self.settings = settings
  }

  /// - Parameter profile: what the requests come of, for what is to be tried instead.
  package func plan(
    _ requests: [Request], devices: [String], profile: String? = nil
  ) -> Plan {
    var draft = PlanDraft(
      settings, WriteOrder.sorted(requests) { WriteOrder($0.knob) }, devices: devices)
    for request in draft.requests where request.knob.isOfDevice && devices.isEmpty {
      draft.report(
        .impossible, request.knob, at: nil, "this is a device setting: name a device",
        remedy: "Try: rxtune set \(request.knob.id)=… eth0")
    }
    for device in devices { draft.lookBelow(device, profile) }
    draft.planDevices()
    draft.planHost()
    return draft.finished()
  }
}

/// A plan in the making: in which order requests are looked at, device by device.
struct PlanDraft {
  let settings: any Settings
  /// In write order.
  let requests: [Request]
  /// Of no device.
  let hostLocality: Locality
  var plan = Plan()
  var record: ChangeRecord
  /// What was given so far, to see what is given twice.
  private var given: [Setting.Key: KnobValue] = [:]
  /// Devices whose queues are not where packets arrive: policies say nothing of them.
  private var above: Set<String> = []

  init(_ settings: any Settings, _ requests: [Request], devices: [String]) {
    self.settings = settings
    self.requests = requests
    hostLocality = settings.locality(of: nil)
    record = ChangeRecord(settings)
    plan.devices = devices
  }

  mutating func report(
    _ severity: Caveat.Severity, _ knob: Knob, at place: Place?, _ text: String,
    remedy: String? = nil
  ) {
    let caveat = Caveat(severity, knob, at: place, text, remedy: remedy)
    if !plan.caveats.contains(caveat) { plan.caveats.append(caveat) }
  }

  // MARK: - The devices

  /// In the order of the writes: each request on all devices, so that the vectors of all have
  /// their places before anything follows from them.
  mutating func planDevices() {
    var devices = plan.devices.map { PlannedDevice($0, settings) }
    for request in requests where request.knob.isOfDevice {
      let order = WriteOrder(request.knob)
      for index in devices.indices {
        if order > .channels { count(&devices[index]) }
        let others = devices.indices.filter { order > .irq ? $0 != index : $0 < index }
        devices[index].placement.others = others.flatMap { devices[$0].placement.taken }
        devices[index].placement.unknownOther =
          others.first { devices[$0].placement.hasUnknown }.map { devices[$0].name }
        add(request, to: &devices[index])
      }
    }
    for index in devices.indices { count(&devices[index]) }
  }

  /// Names the devices that placement policies are for where `device` lies above them.
  mutating func lookBelow(_ device: String, _ profile: String?) {
    let isPlacing = requests.contains { request in
      if case .policy = request.value { request.knob.isOfDevice } else { false }
    }
    guard isPlacing, let arrivals = settings.arrivals(of: device), let below = arrivals.below
    else { return }
    func instead(_ names: [String]) -> String {
      ((profile.map { ["rxtune plan \($0)"] } ?? []) + names).joined(separator: " ")
    }
    func note(_ text: String, _ remedy: String? = nil) {
      plan.caveats.append(Caveat(.note, at: .device(device), text, remedy: remedy))
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

  private mutating func count(_ device: inout PlannedDevice) {
    if device.count(plan.changes) { checkChannels(of: device) }
  }

  private mutating func add(_ request: Request, to device: inout PlannedDevice) {
    let knob = request.knob
    if case .policy = request.value, above.contains(device.name) { return }
    guard knob.isWritable else {
      report(.impossible, knob, at: .device(device.name), "read-only")
      return
    }
    let places: [Place]
    do {
      let (found, missing) = try device.places(of: request)
      places = found
      for selector in missing { reportMissing(selector, request, device) }
    } catch {
      reportUnavailable(request, at: .device(device.name), error, device)
      return
    }
    if request.selected == nil {
      if places.isEmpty {
        reportNowhere(request, device, isRequired: request.isRequired)
      } else if knob.scope == .irq, places.count < device.queues.rx {
        reportNowhere(request, device, isRequired: false)
      }
    }
    var planned: PlannedDevice? = device
    for place in places { add(request, at: place, on: &planned) }
    device = planned ?? device
  }

  // MARK: - The host

  mutating func planHost() {
    for request in requests where !request.knob.isOfDevice {
      guard request.knob.isWritable, request.knob.scope != .socket else {
        report(
          .impossible, request.knob, at: nil,
          request.knob.scope == .socket
            ? "only programs set it, for their own sockets (\(request.knob.document))" : "read-only"
        )
        continue
      }
      do throws(KernelError) {
        var places = try settings.places(of: request.knob, on: nil)
        if let selected = request.places {
          places = []
          for part in selected.sorted(by: { $0.description < $1.description }) {
            if let place = try settings.place(part, on: nil) { places.append(place) }
          }
        }
        var none: PlannedDevice?
        for place in places { add(request, at: place, on: &none) }
      } catch { reportUnavailable(request, at: .host, error, nil) }
    }
  }

  // MARK: - One value

  private mutating func add(
    _ request: Request, at place: Place, on device: inout PlannedDevice?
  ) {
    let knob = request.knob
    let policy: Policy? = if case .policy(let policy) = request.value { policy } else { nil }
    if let policy, let device, isUndecided(policy, request, at: place, on: device) { return }
    let isNew = device?.queues.isNew(place) == true
    var old: KnobValue?
    var bounds = Bounds()
    do {
      old = try settings.read(knob, at: place)
      bounds = try settings.bounds(of: knob, at: place)
    } catch {
      // A queue that is yet to come has no value now; anything else has, or lacks the knob.
      guard isNew && error.isOfVanishedPlace else {
        reportUnavailable(request, at: place, error, device)
        return
      }
    }
    guard let value = value(of: request, at: place, bounds, on: &device) else { return }
    let setting = Setting(knob, at: place, value)
    var reason = request.reason
    reason.policy = policy?.name
    checkCPUs(of: setting, device?.locality ?? hostLocality)
    guard isFirst(setting) else { return }
    if let old { record.add(setting, old) }
    let first = old ?? (isNew ? initialValue(of: knob) : nil)
    if let first, knob.accepts(first, for: settings.expected(value, of: knob, at: place)) {
      plan.satisfied.append(setting)
    } else if bounds.isFixed {
      reportFixed(setting, old, isRequired: request.isRequired)
      // What follows from the vector's CPU goes by where it stays.
      if case .irqFile = knob.access, let old { device?.pin(place, to: old) }
    } else {
      plan.changes.append(Change(setting, old: old, reason: reason))
    }
  }

  /// False, and a caveat, where the command has given the same value another time.
  private mutating func isFirst(_ setting: Setting) -> Bool {
    let key = settings.resolved(setting.key)
    guard let other = given.updateValue(setting.value, forKey: key) else { return true }
    report(
      .impossible, setting.knob, at: setting.place,
      "given twice: \(other.description) and \(setting.value.description)")
    return false
  }

  /// What a queue to come has at first; nil where that is the driver's choice. It is compared once
  /// the queue is there.
  private func initialValue(of knob: Knob) -> KnobValue? {
    guard knob == .rpsCPUs else { return nil }
    return (try? settings.read(.rpsDefaultMask, at: .host)) ?? .cpus(CPUSet())
  }

  private mutating func value(
    of request: Request, at place: Place, _ bounds: Bounds, on device: inout PlannedDevice?
  ) -> KnobValue? {
    let knob = request.knob
    let queues = device?.placement.rxQueues ?? 0
    let text: String?
    switch request.value {
    case .policy(let policy):
      let value =
        device == nil
        ? policy.value(
          for: knob,
          by: Policy.Basis(
            placement: Placement(hostLocality, rxQueues: 0, txQueues: 0), maximum: bounds.maximum))
        : device?.value(
          of: policy, for: knob, at: place, maximum: bounds.maximum, flowEntries: flowEntries)
      if value == nil && request.isRequired {
        report(.note, knob, at: place, "\(policy.name) does not apply to it")
      }
      return value
    case .parsed(let value): return isPossible(value, knob, at: place, queues: queues) ? value : nil
    case .literal(let literal): text = literal
    case .each(let values):
      text =
        values.first { part, _ in
          (try? device.map { (device) throws(KernelError) in
            try device.place(part, of: knob)
          } ?? settings.place(part, on: nil)) == place
        }?.value
    }
    guard let text, let value = parse(text, knob, at: place, bounds, queues: queues) else {
      return nil
    }
    if knob == .irqAffinity { device?.pin(place, to: value) }
    return value
  }

  /// What RFS has for all queues: as planned, or as it is.
  private func flowEntries() -> Int64? {
    for request in requests where request.knob == .rpsSockFlowEntries {
      if case .number(let number)? = request.values.first { return number }
    }
    guard case .number(let number)? = try? settings.read(.rpsSockFlowEntries, at: .host) else {
      return nil
    }
    return number
  }

  // MARK: - The whole

  /// The order of the writes depends on what was found, too.
  func finished() -> Plan {
    var plan = plan
    var record = record
    if !plan.tablesFirst.isEmpty {
      let tablesFirst = plan.tablesFirst
      plan.changes = WriteOrder.sorted(plan.changes) {
        WriteOrder($0.setting, tablesFirst: tablesFirst)
      }
    }
    plan.caveats += Prerequisites(plan, settings).caveats
    record.addReset(by: plan.changes.map(\.setting))
    plan.before = record.before
    plan.leftToDriver = record.leftToDriver
    plan.caveats += record.notes
    return plan
  }
}
