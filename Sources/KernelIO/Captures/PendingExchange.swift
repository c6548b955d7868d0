import Netlink

/// An exchange of which the parser has read some lines.
struct PendingExchange {
  private let question: Capture.Question
  private var asked: [UInt8] = []
  private var bytes: [UInt8] = []
  private var strings: [String] = []
  private var messages: [NetlinkMessage] = []
  private var refusal: Refusal?

  private enum Refusal {
    case errno(Errno, offset: UInt32?, missing: UInt32?)
    case malformed(offset: Int)
  }

  // MARK: - The question

  /// - Parameter rest: what follows the verb on its line.
  init(verb: String, _ rest: ArraySlice<UInt8>) throws(MalformedLine) {
    question =
      switch verb {
      case "read": .read(try Self.path(rest))
      case "list": .list(try Self.path(rest))
      case "readlink": .readLink(try Self.path(rest))
      case "mode": .mode(try Self.path(rest))
      case "netlink": .netlink(try Self.request(rest))
      case "ethtool": .ethtool(device: try unescaped(firstWord(rest).rest), data: [])
      default: throw MalformedLine("'\(verb)' is not a question that rxtune asks")
      }
  }

  private static func path(_ text: ArraySlice<UInt8>) throws(MalformedLine) -> KernelPath {
    let name = try unescaped(text)
    guard let path = KernelPath(name) else {
      throw MalformedLine("'\(name)' is not a path below /proc, /sys or /dev")
    }
    return path
  }

  private static func request(_ text: ArraySlice<UInt8>) throws(MalformedLine) -> NetlinkRequest {
    let (busName, afterBus) = firstWord(text)
    let (type, afterType) = firstWord(afterBus)
    let (flags, subject) = firstWord(afterType)
    guard let bus = NetlinkProtocol(rawValue: busName) else {
      throw MalformedLine("'\(busName)' is not a netlink protocol that rxtune speaks")
    }
    return NetlinkRequest(
      bus, type: try captureNumber(type, "the request's type"),
      flags: NetlinkRequest.Flags(rawValue: try captureNumber(flags, "the request's flags")),
      payload: [], subject: try unescaped(subject))
  }

  // MARK: - The answer, line by line

  private enum Kind { case content, structure, strings, messages }

  private var kind: Kind {
    if refusal != nil { return .strings }
    return switch question {
    case .read: .content
    case .ethtool: .structure
    case .list, .readLink, .mode: .strings
    case .netlink: .messages
    }
  }

  mutating func add(_ mark: CaptureMark, _ text: ArraySlice<UInt8>) throws(MalformedLine) {
    switch (mark, kind) {
    case (.text, .content):
      bytes += text
      bytes.append(.newline)
    case (.unfinishedText, .content): bytes += text
    case (.hex, .content), (.hex, .structure): try appendHex(text, to: &bytes)
    case (.text, .strings): strings.append(String(decoding: text, as: UTF8.self))
    case (.hex, .strings):
      var string: [UInt8] = []
      try appendHex(text, to: &string)
      strings.append(String(decoding: string, as: UTF8.self))
    case (.request, .structure), (.request, .messages): try appendHex(text, to: &asked)
    case (.reply, .messages):
      messages.append(
        NetlinkMessage(
          type: try captureNumber(String(decoding: text, as: UTF8.self), "the reply's type"),
          payload: []))
    case (.hex, .messages):
      guard let last = messages.indices.last else {
        throw MalformedLine("a reply's bytes come before its type")
      }
      try appendHex(text, to: &messages[last].payload)
    case (.refusal, _): try refuse(text)
    default: throw MalformedLine("no line of this kind belongs to this question")
    }
  }

  /// `ERRNO [offset N] [missing N]`, or `malformed OFFSET`.
  private mutating func refuse(_ text: ArraySlice<UInt8>) throws(MalformedLine) {
    guard refusal == nil, bytes.isEmpty, strings.isEmpty, messages.isEmpty else {
      throw MalformedLine("a refusal beside another answer")
    }
    let (word, rest) = firstWord(text)
    if word == "malformed" {
      let offset: Int = try captureNumber(String(decoding: rest, as: UTF8.self), "an offset")
      refusal = .malformed(offset: offset)
      return
    }
    guard let errno = Int32(word).map(Errno.init) ?? Errno(name: word) else {
      throw MalformedLine("'\(word)' is not an error number's name")
    }
    var offset: UInt32?
    var missing: UInt32?
    var fields = rest
    while !fields.isEmpty {
      let (key, afterKey) = firstWord(fields)
      let (value, afterValue) = firstWord(afterKey)
      switch key {
      case "offset": offset = try captureNumber(value, "an offset")
      case "missing": missing = try captureNumber(value, "an attribute's type")
      default: throw MalformedLine("'\(key)' is not a part of a refusal")
      }
      fields = afterValue
    }
    refusal = .errno(errno, offset: offset, missing: missing)
  }

  // MARK: - The whole

  /// The exchange, once the next one begins.
  func finished() throws(MalformedLine) -> Capture.Exchange {
    Capture.Exchange(fullQuestion, try answer())
  }

  private var fullQuestion: Capture.Question {
    switch question {
    case .read, .list, .readLink, .mode: return question
    case .netlink(var request):
      request.payload = asked
      return .netlink(request)
    case .ethtool(let device, _): return .ethtool(device: device, data: asked)
    }
  }

  private func answer() throws(MalformedLine) -> Capture.Answer {
    switch refusal {
    case .errno(let errno, let offset, let missing):
      guard strings.count <= 1 else {
        throw MalformedLine("the exchange above this line is refused with more than one message")
      }
      guard offset != nil || missing != nil || !strings.isEmpty else {
        return .refused(errno, nil)
      }
      return .refused(
        errno, ExtendedAck(message: strings.first, offset: offset, missingType: missing))
    case .malformed(let offset):
      guard strings.count == 2 else {
        throw MalformedLine("the exchange above this line should say what is malformed, and where")
      }
      return .malformed(DecodeError(strings[0], offset: offset, strings[1]))
    case nil: break
    }
    switch question {
    case .read, .ethtool: return .bytes(bytes)
    case .netlink: return .messages(messages)
    case .list: return .strings(strings)
    case .readLink:
      guard strings.count == 1 else {
        throw MalformedLine("the exchange above this line should have one target")
      }
      return .strings(strings)
    case .mode:
      guard strings.count == 1, strings.first.flatMap({ UInt16($0, radix: 8) }) != nil else {
        throw MalformedLine("the exchange above this line should have one mode, in octal")
      }
      return .strings(strings)
    }
  }
}
