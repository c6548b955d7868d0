package import KernelIO
package import Knobs
package import ReceivePath

/// The settings of a host, with its ids looked up and kept until a write makes them stale.
package final class HostSettings: Settings {
  package let host: Host
  private var answers = SharedAnswers()
  let names: PlaceNames
  private var allLinks: [Link]?
  private var online: CPUSet??
  /// Devices whose RSS table a user has set, as far as this process knows. Not forgotten with the
  /// answers: nothing in the kernel tells it.
  private var setTables: Set<String> = []

  package init(_ host: Host) {
    self.host = host
    names = PlaceNames(host)
  }

  package func refresh() {
    answers.forget()
    names.forget()
    allLinks = nil
    online = nil
  }

  package var onlineCPUs: CPUSet? {
    if let online { return online }
    let found = try? host.onlineCPUs()
    online = found
    return found
  }

  // MARK: - Places

  package func places(of knob: Knob, on device: String?) throws(KernelError) -> [Place] {
    let places = try host.places(of: knob, on: device.map { [$0] } ?? [], sharing: answers)
    return try places.map { (place) throws(KernelError) in try names.durable(place) }
  }

  package func place(_ part: Place.Part, on device: String?) throws(KernelError) -> Place? {
    switch (part, device) {
    case (.cpu(let cpu), _): return .cpu(cpu)
    case (_, nil): return nil
    case (.irq(let number), let device?) where try !names.has(number, device): return nil
    case (_, let device?):
      let place = Place(part, of: device)
      do { return try names.durable(place) } catch {
        if error.errno == .noEntry { return nil }
        throw error
      }
    }
  }

  package func resolved(_ place: Place) throws(KernelError) -> Place { try names.durable(place) }

  package func receiveQueues(of device: String) throws(KernelError) -> Int {
    try host.places(of: .rpsCPUs, on: [device]).count
  }

  /// The interrupt of each receive queue, as far as it is known.
  package func interrupts(ofQueues device: String) -> [Int: Int] {
    names.queueVectors(of: device)?.interrupts ?? [:]
  }

  package func arrivals(of device: String) -> Arrivals? {
    guard let link = link(device), let all = try? allLinks ?? host.links() else { return nil }
    allLinks = all
    return host.arrivals(link, all)
  }

  // MARK: - Values

  package func read(_ knob: Knob, at place: Place) throws(KernelError) -> KnobValue {
    try reading(knob, at: place).value
  }

  package func bounds(of knob: Knob, at place: Place) throws(KernelError) -> Bounds {
    let live = try names.live(place)
    // Files tell no bounds, but whether they are there to be written.
    if Host.file(of: knob, at: live) != nil {
      return Bounds(isFixed: host.isReadOnly(knob, at: live))
    }
    let reading = try reading(knob, at: place)
    return Bounds(minimum: reading.minimum, maximum: reading.maximum, isFixed: reading.isFixed)
  }

  private func reading(_ knob: Knob, at place: Place) throws(KernelError) -> KnobReading {
    try host.read(knob, at: try names.live(place), sharing: answers)
  }

  package func write(
    _ values: [(knob: Knob, value: KnobValue)], at place: Place
  ) throws(KernelError) {
    let live = try names.live(place)
    defer {
      if case .napiID(let id) = live.part, let device = live.device {
        answers.forget(napi: id, of: device)
      } else if values.contains(where: { !$0.knob.isAlone }) {
        // Files of their own make nothing stale that came in a message.
        answers.forget()
      }
    }
    if try giveTableBack(values, live) { return }
    if try editTable(values, live, place) { return }
    if values.contains(where: { $0.knob.access == .rss(.indirection) }), let device = place.device {
      setTables.insert(device)
    }
    try host.write(values, at: live, sharing: answers)
  }

  /// What of an edit cannot be is refused, once all else is done.
  private func editTable(
    _ values: [(knob: Knob, value: KnobValue)], _ live: Place, _ place: Place
  ) throws(KernelError) -> Bool {
    guard values.count == 1, let (knob, value) = values.first, knob.isSharedTable else {
      return false
    }
    let present = try host.read(knob, at: live).value
    guard let (table, conflicts) = value.applied(to: present) else {
      return false
    }
    if table != present { try host.write(knob, table, at: live) }
    guard conflicts.isEmpty else { throw KernelError.conflict(conflicts, knob, at: place) }
    return true
  }

  /// Leaves the table to the driver where that spreads over all queues, as most do: one that a
  /// user set keeps the channels from shrinking.
  private func giveTableBack(
    _ values: [(knob: Knob, value: KnobValue)], _ live: Place
  ) throws(KernelError) -> Bool {
    guard values.count == 1, let (knob, value) = values.first,
      knob.access == .rss(.indirection), let device = live.device
    else { return false }
    let even = KnobValue.table(.equal(try receiveQueues(of: device)))
    guard value == even || value.givesTableBack else { return false }
    do { try host.write(knob, .table(.driver), at: live) } catch {
      // Not all drivers can; a table of entries does as well, then.
      guard error.kind == .notSupported || error.kind == .refused else { throw error }
    }
    setTables.remove(device)
    let found = try host.read(knob, at: live).value
    let isInRows = value == .table(.driverInRows)
    if isInRows ? !isDefaultTable(found, device) : found != even {
      try host.write(knob, even, at: live)
    }
    return true
  }

  private func isDefaultTable(_ table: KnobValue, _ device: String) -> Bool {
    guard case .table(let table) = table, let queues = try? receiveQueues(of: device) else {
      return false
    }
    return table.isDefault(queues: queues) { (try? host.driverInfo(device))?.driver }
  }

  package func tableWasSet(of device: String) { setTables.insert(device) }

  package func recorded(_ value: KnobValue, of knob: Knob, at place: Place) -> KnobValue {
    switch knob.access {
    case .rss(.indirection):
      guard let device = place.device, isDefaultTable(value, device), case .table(let table) = value
      else { return value }
      return .table(table.isEqual ? .driver : .driverInRows)
    case .feature: return (try? reading(knob, at: place).requested) ?? value
    default: return value
    }
  }

  package func mtuFollowers(
    of device: String, mtu: UInt32
  ) throws(KernelError) -> [MTUFollower] {
    try host.mtuFollowers(of: device, mtu: mtu)
  }

  package var devicesWithIPv6: Set<String> {
    let addresses = (try? host.ipv6Addresses()) ?? []
    return Set(addresses.filter { !$0.isLinkLocal }.map(\.device))
  }

  package func expected(_ value: KnobValue, of knob: Knob, at place: Place) -> KnobValue {
    if knob.isSharedTable, let present = try? read(knob, at: place),
      let (table, conflicts) = value.applied(to: present)
    {
      return conflicts.isEmpty ? expected(table, of: knob, at: place) : value
    }
    guard let device = place.device else { return value }
    switch value {
    case .requested:
      guard let reading = try? reading(knob, at: place), reading.requested == value else {
        return value
      }
      return reading.value
    case .rules(let table): return .rules(expected(table, device))
    case .contexts(let table):
      guard let present = try? host.rssContextTable(device) else { return value }
      return .contexts(table.expected(among: present.contexts))
    case .privateFlags(let wanted):
      guard case .privateFlags(let now)? = try? read(knob, at: place) else { return value }
      return .privateFlags(now.changed(by: wanted))
    case .hashFields(let wanted):
      // Flow types that are not named stay as they are.
      guard case .hashFields(let now)? = try? read(knob, at: place) else { return value }
      return .hashFields(now.merging(wanted))
    case .table(let table): return expected(table, knob, place, device) ?? value
    case .number, .numbers, .flag, .cpus, .word, .text, .key, .profile, .unread: return value
    }
  }

  /// The table as it will be read: a rule for any location is where it is found.
  private func expected(_ wanted: FlowRuleTable, _ device: String) -> FlowRuleTable {
    // Only where a location is open does the device have a say.
    guard wanted.rules.contains(where: { $0.location == FlowRule.anyLocation }),
      let present = try? host.flowRules(device)
    else { return wanted }
    return FlowRuleTable(FlowRuleTable.placed(wanted.rules, among: present))
  }

  /// As it will be read: entries that happen to be an equal spread are told as one.
  private func expected(
    _ wanted: IndirectionTable, _ knob: Knob, _ place: Place, _ device: String
  ) -> KnobValue? {
    guard let size = try? host.rss(device).table.count, let entries = wanted.entries(size: size)
    else { return nil }
    let even = IndirectionTable.equal((try? receiveQueues(of: device)) ?? 0)
    if let told = IndirectionTable(entries: entries), told != even { return .table(told) }
    // Given back to the driver it reads alike, but is not.
    if setTables.contains(device) { return .table(.driver) }
    if wanted == .driverInRows, let now = try? read(knob, at: place), isDefaultTable(now, device) {
      return now
    }
    return .table(even)
  }

  package func highestRuleQueue(on device: String) throws(KernelError) -> Int? {
    try host.flowRules(device).compactMap(\.queue).max()
  }

  // MARK: - Around it

  package func absence(_ error: KernelError, of knob: Knob) -> Absence {
    host.absence(error, knob)
  }

  package func link(_ device: String) -> Link? { try? names.link(device) }

  package func peer(of link: Link) -> String? {
    guard link.lowerNamespace == nil, let index = link.lower else { return nil }
    return (try? host.link(index: index))?.name
  }
}

extension HostSettings {
  /// What placement stands on. What cannot be read is as if it were not there.
  package func locality(of device: String?) -> Locality {
    let topology = try? host.topology()
    // A record of a machine without NUMA may hold no more than this.
    let online = topology?.online ?? (try? host.onlineCPUs()) ?? CPUSet()
    let cores = (try? host.cores(of: online)) ?? []
    let vectors = device.flatMap { names.queueVectors(of: $0) }
    var locality = Locality(
      online: online, cores: cores,
      nodes: Self.nodes(topology, home: vectors?.numaNode) ?? [online])
    // Kernels without the option have the file, and "(null)" in it.
    let tickless = try? host.kernel.text(.sys("devices/system/cpu/nohz_full"))
    locality.isolated =
      (topology?.isolated.value ?? CPUSet())
      .union(tickless.flatMap { CPUSet(list: $0) } ?? CPUSet())
    locality.hasNode = vectors?.numaNode != nil
    locality.isInterrupted = vectors?.isVirtual != true
    locality.whyUnknown = vectors?.unknown?.description
    for (queue, number) in vectors?.interrupts ?? [:] {
      let irq = host.irq(number)
      locality.vectors[queue] = Locality.Vector(
        affinity: irq.affinity.value, effectiveAffinity: irq.effectiveAffinity.value,
        hint: irq.affinityHint.value ?? nil)
    }
    for (queue, cpus) in vectors?.threads ?? [:] {
      locality.vectors[queue, default: Locality.Vector()].thread = cpus
    }
    return locality
  }

  /// CPUs of each node, nearest to `home` first.
  private static func nodes(_ topology: Topology?, home: Int?) -> [CPUSet]? {
    guard let nodes = topology?.nodes.value else { return nil }
    let distances = nodes.first { $0.number == home }?.distances ?? [:]
    return nodes.sorted {
      (distances[$0.number] ?? .max, $0.number) < (distances[$1.number] ?? .max, $1.number)
    }.map(\.cpus).filter { !$0.isEmpty }
  }
}

extension Knob {
  /// Whether a write of the knob moves no other's value: a device's files set its NAPI instances,
  /// too.
  fileprivate var isAlone: Bool {
    if case .deviceFile = access { false } else { access.isFile }
  }
}

extension KnobValue {
  /// Whether it gives a device's RSS table back to the driver.
  var givesTableBack: Bool {
    if case .table(let table) = self { table.isDriver } else { false }
  }
}
