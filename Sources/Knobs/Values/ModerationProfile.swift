import Netlink

/// The steps between which dynamic interrupt moderation moves (ETHTOOL_A_COALESCE_RX_PROFILE,
/// since 6.11), spelled as ethtool(8) does: "1,256,n_8,256,n".
struct ModerationProfile: Hashable {
  /// A number that the driver does not have is nil.
  struct Step: Hashable {
    var microseconds: UInt32?
    var packets: UInt32?
    var completions: UInt32?
  }
  var steps: [Step]

  private static let stepAttribute: UInt16 = 1
  private enum Key: UInt16, CaseIterable {
    case microseconds = 1
    case packets = 2
    case completions = 3
  }

  init(_ attribute: Attribute) throws(DecodeError) {
    steps = []
    for nest in try attribute.nested() where nest.type == Self.stepAttribute {
      let fields = try nest.nested()
      steps.append(
        Step(
          microseconds: try fields[Key.microseconds]?.u32(),
          packets: try fields[Key.packets]?.u32(),
          completions: try fields[Key.completions]?.u32()))
    }
  }

  init?(_ text: String) {
    steps = []
    for part in text.split(separator: "_", omittingEmptySubsequences: false) {
      let words = part.split(separator: ",", omittingEmptySubsequences: false)
      let numbers = words.map { UInt32($0) }
      guard words.count == 3, zip(words, numbers).allSatisfy({ $0 == "n" || $1 != nil }) else {
        return nil
      }
      steps.append(
        Step(microseconds: numbers[0], packets: numbers[1], completions: numbers[2]))
    }
  }

  var description: String {
    steps.map { step in
      [step.microseconds, step.packets, step.completions]
        .map { $0.map { "\($0)" } ?? "n" }.joined(separator: ",")
    }.joined(separator: "_")
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
