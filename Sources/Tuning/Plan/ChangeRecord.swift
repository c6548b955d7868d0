import KernelIO
import Knobs
import ReceivePath

/// What is there before a change: all that it touches, and all that it may reset.
struct ChangeRecord {
  private let settings: any Settings
  private(set) var before: [Setting] = []
  /// Of `before`, what comes back by a rollback only (`Plan.leftToDriver`).
  private(set) var leftToDriver: Set<Setting.Key> = []
  /// What a reader must know of it.
  private(set) var notes: [Caveat] = []
  /// What was read of the settings that are in `before`.
  private var recorded: [Setting.Key: KnobValue] = [:]

  init(_ settings: any Settings) {
    self.settings = settings
  }

  mutating func add(_ setting: Setting, _ old: KnobValue) {
    guard recorded.updateValue(old, forKey: setting.key) == nil else { return }
    let value = settings.recorded(old, of: setting.knob, at: setting.place)
    before.append(Setting(setting.knob, at: setting.place, value))
  }

  /// Reads all that the changes may reset: it is put back where a driver does reset it, and is
  /// what a rollback compares with.
  mutating func addReset(by changes: [Setting]) {
    addMTUFollowers(of: changes)
    var knobs: [(knob: Knob, device: String?)] = []
    var seen: Set<String> = []
    var overwritten: Set<Knob> = []
    var withoutRules: Set<String> = []
    let countChanges = Set(
      changes.filter { $0.knob.group == .channels }.compactMap(\.place.device))
    for change in changes {
      let device = change.place.device
      var resets = change.knob.invalidates
      if change.knob.group == .channels { resets.append(.group(.channels)) }
      if let device, change.knob == .featureNTupleFilter, change.value == .flag(false) {
        withoutRules.insert(device)
      }
      for knob in resets.flatMap(\.knobs) where knob.isWritable {
        if change.knob.overwrites(knob) { overwritten.insert(knob) }
        guard seen.insert("\(device ?? "") \(knob.id)").inserted else { continue }
        knobs.append((knob, device))
      }
    }
    for (knob, device) in knobs {
      for setting in values(of: knob, on: device) {
        add(setting, setting.value)
        if overwritten.contains(knob) { leftToDriver.insert(setting.key) }
        if let device, knob.access == .flowRules, withoutRules.contains(device) {
          dropRules(setting)
        }
        if let device, countChanges.contains(device), knob.isLaidOutByDriver {
          leftToDriver.insert(setting.key)
        }
      }
    }
  }

  /// What a knob has at all of its places, as far as it can be read and put back.
  private func values(of knob: Knob, on device: String?) -> [Setting] {
    // What the device does not have cannot be reset.
    guard let places = try? settings.places(of: knob, on: device) else { return [] }
    var values: [Setting] = []
    for (index, place) in places.enumerated() {
      let value: KnobValue
      if let known = recorded[Setting.Key(knob, at: place)] {
        value = known
      } else {
        do throws(KernelError) { value = try settings.read(knob, at: place) } catch {
          // What the first queue lacks (BQL), all lack: it is the driver's.
          if index == 0 && (error.kind == .absent || error.kind == .notSupported) { break }
          continue
        }
      }
      // What nobody can write is not ours to put back: an interrupt that the kernel manages.
      if case .irqFile = knob.access, (try? settings.bounds(of: knob, at: place))?.isFixed == true {
        continue
      }
      values.append(Setting(knob, at: place, value))
    }
    return values
  }

  /// Without the filter there can be no rules: they come back by a rollback only.
  private mutating func dropRules(_ setting: Setting) {
    leftToDriver.insert(setting.key)
    guard case .rules(let table) = setting.value, !table.isEmpty else { return }
    notes.append(
      Caveat(
        .note, setting.knob, at: setting.place,
        "without features.rx-ntuple-filter the device may drop its rules: "
          + setting.value.description,
        remedy: "A rollback restores them."))
  }

  /// The devices that move with one that gets another MTU: they come back by a rollback only.
  private mutating func addMTUFollowers(of changes: [Setting]) {
    let devicesWithIPv6 = settings.devicesWithIPv6
    let wanted = Set(changes.map(\.key))
    for change in changes where change.knob == .mtu {
      guard let device = change.place.device, case .number(let number) = change.value,
        let mtu = UInt32(exactly: number)
      else { continue }
      if case .number(let now)? = recorded[change.key] {
        warnOfIPv6(change.knob, device, from: UInt32(clamping: now), to: mtu, devicesWithIPv6)
      }
      for follower in (try? settings.mtuFollowers(of: device, mtu: mtu)) ?? [] {
        note(change.knob, follower)
        guard follower.namespace == nil else { continue }
        warnOfIPv6(
          change.knob, follower.name, from: follower.mtu, to: follower.next, devicesWithIPv6)
        // A bridge that is given an MTU stops following.
        guard follower.relation != .bridge else { continue }
        let setting = Setting(change.knob, at: .device(follower.name), .number(Int64(follower.mtu)))
        guard !wanted.contains(setting.key) else { continue }
        add(setting, setting.value)
        leftToDriver.insert(setting.key)
      }
    }
  }

  private mutating func note(_ knob: Knob, _ follower: MTUFollower) {
    let kind = follower.kind.map { "\($0) " } ?? ""
    let (relation, remedy): (String, String) =
      switch (follower.relation, follower.namespace) {
      case (_, let namespace?):
        (
          "\(kind)on \(follower.leader), in network namespace \(namespace)",
          "A rollback reaches only devices of this namespace: restore it there."
        )
      case (.above, nil): ("\(kind)on \(follower.leader)", "A rollback restores it.")
      case (.port, nil): ("port of \(follower.leader)", "A rollback restores it.")
      case (.bridge, nil):
        ("bridge over \(follower.leader)", "It follows both ways, unless its MTU was set.")
      }
    notes.append(
      Caveat(
        .note, knob, at: .device(follower.name),
        "\(follower.name) (\(relation)) goes from "
          + "\(follower.mtu) to \(follower.next) as well", remedy: remedy))
  }

  /// addrconf_notify of net/ipv6/addrconf.c: below IPV6_MIN_MTU a device has no IPv6.
  private mutating func warnOfIPv6(
    _ knob: Knob, _ device: String, from old: UInt32, to new: UInt32,
    _ devicesWithIPv6: Set<String>
  ) {
    let minimum = 1280
    guard new < minimum, old >= minimum, devicesWithIPv6.contains(device) else { return }
    notes.append(
      Caveat(
        .danger, knob, at: .device(device),
        "below \(minimum) the kernel removes the IPv6 addresses and routes of \(device), and a "
          + "rollback does not restore them",
        remedy: "--force sets it anyway."))
  }
}

extension Knob {
  /// Whether drivers set it as they like when they open queues.
  var isLaidOutByDriver: Bool {
    self == .irqAffinity || self == .xpsCPUs || self == .xpsRxQueues
  }
}
