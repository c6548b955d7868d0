package import KernelIO
package import Knobs
package import Netlink

/// The numbers and flags of one ethtool message (channels, rings, coalescing, pause), as the
/// catalogue names them. A parameter that the driver does not have is not in the reply, and not
/// here.
package struct EthtoolParameters: Hashable, Sendable {
  package struct Parameter: Hashable, Sendable {
    /// The knob's id without the message: "rx-usecs".
    package var name: String
    package var value: KnobValue
    /// What the device reports it can do at most.
    package var maximum: Int64?
  }
  /// In the catalogue's order.
  package var parameters: [Parameter]

  package subscript(_ name: String) -> Parameter? { parameters.first { $0.name == name } }

  package func number(_ name: String) -> Int64? {
    if case .number(let number)? = self[name]?.value { number } else { nil }
  }

  package init(parameters: [Parameter]) {
    self.parameters = parameters
  }

  package init(_ message: Knob.EthtoolMessage, _ reply: Attributes) throws(DecodeError) {
    parameters = []
    for row in Self.rows where row.message == message {
      guard let attribute = reply[row.attribute] else { continue }
      let value = try row.kind.value(attribute)
      var maximum: Int64?
      if let limit = row.maximum {
        maximum = try reply[limit].map { (a) throws(DecodeError) in Int64(try a.u32()) }
      }
      // A device without this kind of ring or channel says so by a maximum of 0.
      if maximum == 0 && value == .number(0) { continue }
      parameters.append(Parameter(name: row.name, value: value, maximum: maximum))
    }
  }

  private struct Row {
    var message: Knob.EthtoolMessage
    var name: String
    var attribute: UInt16
    var maximum: UInt16?
    var kind: Kind
  }

  private enum Kind {
    case number, flag, profile
    /// An index into these words.
    case choice([String])

    func value(_ attribute: Attribute) throws(DecodeError) -> KnobValue {
      switch self {
      case .number: return .number(Int64(try attribute.u32()))
      case .flag: return .flag(try attribute.u8() != 0)
      case .profile: return .text(try ModerationProfile(attribute).description)
      case .choice(let words):
        let index = Int(try attribute.u8())
        guard words.indices.contains(index) else {
          throw DecodeError(
            attribute.path, offset: 0, "\(index) is none of \(words.joined(separator: ", "))")
        }
        return .text(words[index])
      }
    }
  }

  private static let rows: [Row] = {
    var rows: [Row] = []
    for knob in Knob.ethtool {
      let name = String(knob.id.drop { $0 != "." }.dropFirst())
      switch knob.access {
      case .ethtool(let message, let attribute, let maximum):
        rows.append(
          Row(message: message, name: name, attribute: attribute, maximum: maximum, kind: .number))
      case .ethtoolFlag(let message, let attribute):
        rows.append(Row(message: message, name: name, attribute: attribute, kind: .flag))
      case .ethtoolChoice(let message, let attribute):
        guard case .oneOf(let words) = knob.range else { continue }
        rows.append(
          Row(message: message, name: name, attribute: attribute, kind: .choice(words)))
      case .moderationProfile(let attribute):
        rows.append(
          Row(message: .coalesce, name: name, attribute: attribute, kind: .profile))
      default: continue
      }
    }
    return rows
  }()
}

extension Host {
  /// ethtool -l, -g, -c, -a: one message of named values.
  package func ethtoolParameters(
    _ message: Knob.EthtoolMessage, _ device: String
  ) throws(KernelError) -> EthtoolParameters {
    guard let command = EthtoolFamily.Command(rawValue: message.rawValue) else {
      throw KernelError("netlink", "ethtool message \(message.rawValue)", .notSupported)
    }
    let reply = try ethtool(command, device)
    return try decoding("ethtool \(command) \(device)") { () throws(DecodeError) in
      try EthtoolParameters(message, reply)
    }
  }
}
