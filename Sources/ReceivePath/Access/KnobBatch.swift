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
      var parameters: [Parameter] = []
      for (knob, value) in values {
        parameters.append(try Self.parameter(knob, value, message, target))
      }
      try setParameter(message, device) { writer in
        for parameter in parameters {
          switch parameter {
          case .word(let attribute, let word): writer.put(attribute, word)
          case .byte(let attribute, let byte): writer.put(attribute, byte)
          }
        }
      }
    default: throw Self.misplaced(first.knob, target)
    }
  }

  private enum Parameter {
    case word(UInt16, UInt32)
    case byte(UInt16, UInt8)
  }

  private static func parameter(
    _ knob: Knob, _ value: KnobValue, _ message: Knob.EthtoolMessage, _ target: Target
  ) throws(KernelError) -> Parameter {
    switch (knob.access, value) {
    case (.ethtool(message, let attribute, _), .number):
      return .word(attribute, try word(value, knob, target))
    case (.ethtoolFlag(message, let attribute), .flag(let on)):
      return .byte(attribute, on ? 1 : 0)
    case (.ethtoolChoice(message, let attribute), .text(let word)):
      if case .oneOf(let words) = knob.range, let index = words.firstIndex(of: word) {
        return .byte(attribute, UInt8(clamping: index))
      }
    default: break
    }
    throw misplaced(knob, target)
  }
}
