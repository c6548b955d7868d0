package import KernelIO
package import Knobs
import ReceivePath

/// Tables: what is written of them, what goes on record, and as what they are read.
extension HostSettings {
  /// What of an edit cannot be is refused, once all else is done.
  func editTable(
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
  func giveTableBack(
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
    if case .feature = knob.access { return (try? reading(knob, at: place).requested) ?? value }
    guard case .table(let table) = value, let device = place.device, isDefaultTable(value, device)
    else { return value }
    return .table(table.isEqual ? .driver : .driverInRows)
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
}

extension KnobValue {
  /// Whether it gives a device's RSS table back to the driver.
  var givesTableBack: Bool {
    if case .table(let table) = self { table.isDriver } else { false }
  }
}
