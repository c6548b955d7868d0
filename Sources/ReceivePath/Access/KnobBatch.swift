package import KernelIO
package import Knobs
import Netlink

extension Host {
  /// Sets several knobs at one place, in one request where the kernel has them in one message:
  /// drivers check such values together (channels), and reopen their queues once.
  ///
  /// - Throws: what the kernel said; EINVAL where the knobs do not share a message.
  package func write(
    _ values: [(knob: Knob, value: KnobValue)], at target: Target,
    sharing answers: SharedAnswers = SharedAnswers()
  ) throws(KernelError) {
    guard let first = values.first else { return }
    guard values.count > 1 else {
      return try write(first.knob, first.value, at: target, sharing: answers)
    }
    if case .napi(let device, let id) = target { return try setNAPI(device, id: id, values) }
    guard case .device(let device) = target else { throw Self.misplaced(first.knob, target) }
    switch first.knob.access {
    case .feature:
      var changes: [FeatureChange] = []
      for (knob, value) in values {
        guard case .feature(let name) = knob.access, let change = FeatureChange(name, value) else {
          throw Self.misplaced(knob, target)
        }
        changes.append(change)
      }
      try setFeatures(device, changes)
    case .ethtool(let message, _, _), .ethtoolFlag(let message, _), .ethtoolChoice(let message, _):
      var settings: [EthtoolSetting] = []
      for (knob, value) in values {
        guard knob.access.message == message else { throw Self.misplaced(knob, target) }
        settings.append(try Self.setting(knob, value, target))
      }
      try setEthtool(message, device, settings)
    default: throw Self.misplaced(first.knob, target)
    }
  }
}

extension Knob.Access {
  /// The ethtool message that carries the knob's value.
  fileprivate var message: Knob.EthtoolMessage? {
    switch self {
    case .ethtool(let message, _, _), .ethtoolFlag(let message, _), .ethtoolChoice(let message, _):
      message
    case .moderationProfile: .coalesce
    default: nil
    }
  }
}
