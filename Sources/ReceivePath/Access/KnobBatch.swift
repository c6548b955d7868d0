package import KernelIO
package import Knobs
import Netlink

extension Host {
  /// Sets several knobs at one place, in one request where the kernel has them in one message:
  /// drivers check such values together (channels), and reopen their queues once.
  ///
  /// - Throws: what the kernel said; EINVAL where the knobs do not share a message.
  package func write(
    _ values: [(knob: Knob, value: KnobValue)], at place: Place,
    sharing answers: SharedAnswers = SharedAnswers()
  ) throws(KernelError) {
    guard let first = values.first else { return }
    guard values.count > 1 else {
      return try write(first.knob, first.value, at: place, sharing: answers)
    }
    if case .napiID(let id) = place.part, let device = place.device {
      return try setNAPI(device, id: id, values)
    }
    guard place.part == .whole, let device = place.device else {
      throw Self.misplaced(first.knob, place)
    }
    if let message = first.knob.access.message {
      var settings: [EthtoolSetting] = []
      for (knob, value) in values {
        guard knob.access.message == message else { throw Self.misplaced(knob, place) }
        settings.append(try Self.setting(knob, value, place))
      }
      return try setEthtool(message, device, settings)
    }
    var changes: [FeatureChange] = []
    for (knob, value) in values {
      guard case .feature(let name) = knob.access, let change = FeatureChange(name, value) else {
        throw Self.misplaced(knob, place)
      }
      changes.append(change)
    }
    try setFeatures(device, changes)
  }
}
