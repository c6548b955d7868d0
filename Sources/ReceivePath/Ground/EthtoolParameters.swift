package import KernelIO
package import Knobs
package import Netlink

/// The numbers and flags of one ethtool message (channels, rings, coalescing, pause), as the
/// catalogue names them. A parameter that the driver does not have is not in the reply, and not
/// here. From the netlink message; where the kernel's family lacks it (before 5.6 to 5.8), from the
/// ioctl of the same parameters.
package struct EthtoolParameters: Hashable, Sendable {
  package struct Parameter: Hashable, Sendable {
    /// The knob's id without the message: "rx-usecs".
    package var name: String
    package var value: KnobValue
    /// What the device reports it can do at most.
    package var maximum: Int64?
    /// The ioctl of coalescing has a 0 for what the driver does not have, too.
    package var mayBeAbsent = false
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

  /// - Parameter structure: the ioctl's, as it came back.
  init(_ message: Knob.EthtoolMessage, _ structure: EthtoolStructure) {
    parameters = []
    for row in Self.rows where row.message == message {
      guard let word = structure[row.attribute], let value = row.kind.value(word) else { continue }
      let maximum = row.maximum.flatMap { structure[$0] }.map(Int64.init)
      if maximum == 0 && word == 0 { continue }
      parameters.append(
        Parameter(
          name: row.name, value: value, maximum: maximum,
          mayBeAbsent: message == .coalesce && word == 0))
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

    /// nil where no ioctl has values of the kind.
    func value(_ word: UInt32) -> KnobValue? {
      switch self {
      case .number: .number(Int64(word))
      case .flag: .flag(word != 0)
      case .profile, .choice: nil
      }
    }

    func value(_ attribute: Attribute) throws(DecodeError) -> KnobValue {
      switch self {
      case .number: return .number(Int64(try attribute.u32()))
      case .flag: return .flag(try attribute.u8() != 0)
      case .profile: return .profile(try ModerationProfile(attribute))
      case .choice(let words):
        let index = Int(try attribute.u8())
        guard words.indices.contains(index) else {
          throw DecodeError(
            attribute.path, offset: 0, "\(index) is none of \(words.joined(separator: ", "))")
        }
        return .word(words[index])
      }
    }
  }

  private static let rows: [Row] = {
    var rows: [Row] = []
    for knob in Knob.ethtool {
      switch knob.access {
      case .ethtool(let message, let attribute, let maximum):
        rows.append(
          Row(
            message: message, name: knob.name, attribute: attribute, maximum: maximum, kind: .number
          ))
      case .ethtoolFlag(let message, let attribute):
        rows.append(Row(message: message, name: knob.name, attribute: attribute, kind: .flag))
      case .ethtoolChoice(let message, let attribute):
        guard case .oneOf(let words) = knob.range else { continue }
        rows.append(
          Row(message: message, name: knob.name, attribute: attribute, kind: .choice(words)))
      case .moderationProfile(let attribute):
        rows.append(
          Row(message: .coalesce, name: knob.name, attribute: attribute, kind: .profile))
      case .sysctl, .deviceFile, .queueFile, .irqFile, .irqDefault, .cpuFile, .idleStates,
        .feature, .link, .napi, .tunable, .queueCoalesce, .rss, .flowRules, .privateFlags,
        .socketOption, .epollParameters, .latencyRequest, .derived:
        continue
      }
    }
    return rows
  }()
}

extension Knob.EthtoolMessage {
  /// As the netlink specs spell it, without "-get": "rings", "privflags".
  package var name: String {
    EthtoolFamily.Command(rawValue: rawValue).map { String($0.description.dropLast("-get".count)) }
      ?? "message-\(rawValue)"
  }

  /// The ioctl beside the message: words of 32 bits, of which the first is the command's number.
  struct Ioctl {
    var get: UInt32
    var set: UInt32
    var words: Int
    /// What linux/ethtool.h calls the parameters: ETHTOOL_GRINGPARAM.
    var name: String
  }

  var ioctl: Ioctl? {
    switch self {
    case .coalesce: Ioctl(get: 0x0e, set: 0x0f, words: 23, name: "COALESCE")
    case .rings: Ioctl(get: 0x10, set: 0x11, words: 9, name: "RINGPARAM")
    case .pause: Ioctl(get: 0x12, set: 0x13, words: 4, name: "PAUSEPARAM")
    case .channels: Ioctl(get: 0x3c, set: 0x3d, words: 9, name: "CHANNELS")
    case .privateFlags: nil
    }
  }
}

/// A parameter to be set, by attribute.
enum EthtoolSetting {
  case word(UInt16, UInt32)
  case byte(UInt16, UInt8)
  case profile(UInt16, ModerationProfile)

  func put(into writer: inout AttributeWriter) {
    switch self {
    case .word(let attribute, let word): writer.put(attribute, word)
    case .byte(let attribute, let byte): writer.put(attribute, byte)
    case .profile(let attribute, let profile): profile.put(attribute, into: &writer)
    }
  }

  /// - Returns: false where the ioctl has no such field.
  fileprivate func put(into structure: inout EthtoolStructure) -> Bool {
    switch self {
    case .word(let attribute, let word): structure.set(attribute, word)
    case .byte(let attribute, let byte): structure.set(attribute, UInt32(byte))
    case .profile: false
    }
  }
}

extension Host {
  /// Where a message's values come from: "ethtool rings-get", "ioctl ETHTOOL_GRINGPARAM".
  func origin(_ command: EthtoolFamily.Command, ioctl name: String) -> String {
    hasEthtool(command) ? "ethtool \(command)" : "ioctl ETHTOOL_\(name)"
  }

  /// ethtool -l, -g, -c, -a: one message of named values.
  package func ethtoolParameters(
    _ message: Knob.EthtoolMessage, _ device: String
  ) throws(KernelError) -> EthtoolParameters {
    guard let command = EthtoolFamily.Command(rawValue: message.rawValue) else {
      throw KernelError("netlink", "ethtool message \(message.rawValue)", .notSupported)
    }
    if let ioctl = message.ioctl, !hasEthtool(command) {
      return EthtoolParameters(message, try ethtoolStructure(ioctl, device))
    }
    let reply = try ethtool(command, device)
    return try decoding("ethtool \(command) \(device)") { () throws(DecodeError) in
      try EthtoolParameters(message, reply)
    }
  }

  private func ethtoolStructure(
    _ ioctl: Knob.EthtoolMessage.Ioctl, _ device: String
  ) throws(KernelError) -> EthtoolStructure {
    let what = "G\(ioctl.name)"
    let size = ioctl.words * 4
    let reply = try ethtoolIoctl(device, EthtoolStructure(command: ioctl.get, size: size), what)
    return try decoding("\(what) \(device)") { () throws(DecodeError) in
      try EthtoolStructure(reply, size: size, what)
    }
  }

  /// Sets parameters of one message; by ioctl, the others go back as they were read.
  func setEthtool(
    _ message: Knob.EthtoolMessage, _ device: String, _ settings: [EthtoolSetting]
  ) throws(KernelError) {
    guard let command = EthtoolFamily.Command(rawValue: message.set) else {
      throw KernelError("netlink", "ethtool message \(message.set)", .notSupported)
    }
    if let ioctl = message.ioctl, !hasEthtool(command) {
      var structure = try ethtoolStructure(ioctl, device)
      structure.put(ioctl.set, at: 0)
      for setting in settings where !setting.put(into: &structure) {
        throw KernelError("SIOCETHTOOL", "S\(ioctl.name) \(device)", .notSupported)
      }
      _ = try ethtoolIoctl(device, structure, "S\(ioctl.name)")
      return
    }
    try ethtoolSet(command, device) { writer in
      for setting in settings { setting.put(into: &writer) }
    }
  }
}
