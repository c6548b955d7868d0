import Knobs
import ReceivePath

extension Journal {
  private func value(of setting: Setting, in settings: [Setting]) -> KnobValue? {
    settings.first { $0.key == setting.key }?.value
  }

  /// What there was before, so that only this change is undone.
  func restoring(_ setting: Setting) -> Setting {
    guard setting.knob.isSharedTable else { return setting }
    let value = setting.value.edit(from: value(of: setting, in: settled), isBack: true)
    return Setting(setting.knob, at: setting.place, value)
  }

  /// What this change left, so that others' entries are no drift.
  func keeping(_ setting: Setting) -> Setting {
    guard setting.knob.isSharedTable else { return setting }
    let value = setting.value.edit(from: value(of: setting, in: before))
    return Setting(setting.knob, at: setting.place, value)
  }

  /// Devices whose table was the driver's own, and was written by this change.
  var devicesWithSetTables: [String] {
    wanted.filter { setting in
      setting.knob.access == .rss(.indirection) && !setting.value.givesTableBack
        && value(of: setting, in: before)?.givesTableBack == true
    }.compactMap(\.place.device)
  }

  /// What other programs have in the tables that this change wrote.
  func others(_ settings: any Settings) -> [String] {
    wanted.filter(\.knob.isSharedTable).flatMap { setting -> [String] in
      guard let found = try? settings.read(setting.knob, at: setting.place) else { return [] }
      let known = [value(of: setting, in: before), value(of: setting, in: settled)].compactMap(
        \.self)
      return found.others(besides: known).map {
        "\(setting.description): \($0) stays: it is another program's"
      }
    }
  }
}
