import KernelIO
import Knobs

/// What is there before a change: all that it touches, and all that it may reset.
struct ChangeRecord {
  private let settings: any Settings
  private(set) var before: [Setting] = []
  /// Of `before`, what comes back by a rollback only (`Plan.leftToDriver`).
  private(set) var leftToDriver: Set<Setting.Key> = []
  /// What a reader must know of it.
  private(set) var notes: [Finding] = []
  /// What was read of the settings that are in `before`.
  private var recorded: [Setting.Key: KnobValue] = [:]

  init(_ settings: any Settings) {
    self.settings = settings
  }

  mutating func add(_ setting: Setting, _ old: KnobValue) {
    guard recorded.updateValue(old, forKey: setting.key) == nil else { return }
    var old = old
    // A table that the driver set up by itself is given back to it, whatever it makes of it for
    // the queues that there are then: written as entries it would pin them.
    if setting.knob.access == .rss(.indirection), let device = setting.place.device,
      Queues(settings, device).hasDefaultTable
    {
      old = .text("default")
    }
    before.append(Setting(setting.knob, at: setting.place, old))
  }

  /// Reads all that the changes may reset: it is put back where a driver does reset it, and is
  /// what a rollback compares with.
  mutating func addReset(by changes: [Setting]) {
    var knobs: [(knob: Knob, device: String?)] = []
    var seen: Set<String> = []
    var overwritten: Set<String> = []
    var withoutRules: Set<String> = []
    let countChanges = Set(
      changes.filter { $0.knob.group == "channels" }.compactMap(\.place.device))
    for change in changes {
      let device = change.place.device
      var entries = change.knob.invalidates
      if change.knob.group == "channels" { entries.append("channels.") }
      if let device, change.knob.id == "features.rx-ntuple-filter", change.value == .flag(false) {
        withoutRules.insert(device)
      }
      for knob in entries.flatMap(Knob.meant(by:)) where knob.isWritable {
        // A device's file is written in order to overwrite what single instances had.
        if case .deviceFile = change.knob.access { overwritten.insert(knob.id) }
        guard seen.insert("\(device ?? "") \(knob.id)").inserted else { continue }
        knobs.append((knob, device))
      }
    }
    for (knob, device) in knobs {
      for setting in values(of: knob, on: device) {
        add(setting, setting.value)
        if overwritten.contains(knob.id) { leftToDriver.insert(setting.key) }
        if let device, knob.access == .flowRules, withoutRules.contains(device) {
          dropRules(setting)
        }
        if let device, countChanges.contains(device), Self.isLaidOutByDriver(knob) {
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
      if let known = recorded[Setting.Key(knob: knob.id, place: place)] {
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
    guard setting.value != .text("none") else { return }
    notes.append(
      Finding(
        .note, setting.knob, at: setting.place,
        "without features.rx-ntuple-filter the device may drop its rules: "
          + setting.value.description,
        remedy: "rxtune rollback brings them back."))
  }

  private static func isLaidOutByDriver(_ knob: Knob) -> Bool {
    switch knob.id {
    case "irq.smp-affinity", "queue.xps-cpus", "queue.xps-rxqs": true
    default: false
    }
  }
}
