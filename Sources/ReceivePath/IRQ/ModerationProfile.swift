import Knobs
import Netlink

/// ETHTOOL_A_COALESCE_RX_PROFILE and _TX_PROFILE, since 6.11.
extension ModerationProfile {
  private static let stepAttribute: UInt16 = 1
  private enum Key: UInt16, CaseIterable {
    case microseconds = 1
    case packets = 2
    case completions = 3
  }

  init(_ attribute: Attribute) throws(DecodeError) {
    var steps: [Step] = []
    for nest in try attribute.nested() where nest.type == Self.stepAttribute {
      let fields = try nest.nested()
      steps.append(
        Step(
          microseconds: try fields[Key.microseconds]?.u32(),
          packets: try fields[Key.packets]?.u32(),
          completions: try fields[Key.completions]?.u32()))
    }
    self.init(steps)
  }

  func put(_ type: UInt16, into writer: inout AttributeWriter) {
    writer.nest(type) { list in
      for step in steps {
        list.nest(Self.stepAttribute) { nest in
          for (key, value) in zip(
            Key.allCases, [step.microseconds, step.packets, step.completions])
          {
            if let value { nest.put(key.rawValue, value) }
          }
        }
      }
    }
  }
}
