import Netlink

/// Renders a capture in the format that `Capture` documents.
struct CaptureWriter {
  private(set) var bytes: [UInt8] = []

  private static let hexLine = 32

  mutating func write(_ capture: Capture) {
    let host = capture.host
    put(Capture.magic, String(Capture.version))
    put("kernel", escaped(host.kernelRelease))
    put("machine", escaped(host.machine))
    put("date", escaped(host.date))
    put("rxtune", escaped(host.rxtuneVersion))
    put("uid", String(host.userID))
    put("redacted", host.isRedacted ? "yes" : "no")
    for exchange in capture.exchanges {
      bytes.append(.newline)
      write(exchange.question)
      write(exchange.answer)
    }
    bytes.append(.newline)
    put("end", String(capture.exchanges.count))
  }

  private mutating func write(_ question: Capture.Question) {
    switch question {
    case .read(let path): put("read", escaped(path.description))
    case .list(let path): put("list", escaped(path.description))
    case .readLink(let path): put("readlink", escaped(path.description))
    case .mode(let path): put("mode", escaped(path.description))
    case .netlink(let request):
      put(
        "netlink", request.bus.rawValue, String(request.type),
        "0x" + String(request.flags.rawValue, radix: 16), escaped(request.subject))
      hex(request.payload, .request)
    case .ethtool(let device, let data):
      // The command's number stands here for the reader; the data begins with it.
      put("ethtool", "0x" + String(ethtoolCommand(data), radix: 16), escaped(device))
      hex(data, .request)
    }
  }

  private mutating func write(_ answer: Capture.Answer) {
    switch answer {
    case .bytes(let bytes): content(bytes)
    case .strings(let strings): for string in strings { line(string) }
    case .messages(let messages):
      for message in messages {
        put("<" + String(message.type))
        hex(message.payload, .hex)
      }
    case .refused(let errno, let extendedAck):
      var words = "!" + (errno.name ?? String(errno.rawValue))
      if let offset = extendedAck?.offset { words += " offset \(offset)" }
      if let missing = extendedAck?.missingType { words += " missing \(missing)" }
      put(words)
      if let message = extendedAck?.message { line(message) }
    case .malformed(let error):
      put("!malformed", String(error.offset))
      line(error.context)
      line(error.problem)
    }
  }

  private mutating func put(_ words: String...) {
    bytes += words.joined(separator: " ").utf8
    bytes.append(.newline)
  }

  /// One string on one line.
  private mutating func line(_ string: String) {
    let text = Array(string.utf8)
    if isText(text[...]) {
      bytes.append(CaptureMark.text.rawValue)
      bytes += text
      bytes.append(.newline)
    } else {
      hexLine(text[...], .hex)
    }
  }

  /// A file's content: its lines as text where they are text.
  private mutating func content(_ content: [UInt8]) {
    var start = 0
    while start < content.count {
      let end = content[start...].firstIndex(of: .newline)
      let line = content[start..<(end ?? content.count)]
      let next = end.map { $0 + 1 } ?? content.count
      if isText(line) {
        bytes.append((end == nil ? CaptureMark.unfinishedText : .text).rawValue)
        bytes += line
        bytes.append(.newline)
      } else {
        hex(content[start..<next], .hex)
      }
      start = next
    }
  }

  private mutating func hex(_ data: [UInt8], _ mark: CaptureMark) {
    hex(data[...], mark)
  }

  private mutating func hex(_ data: ArraySlice<UInt8>, _ mark: CaptureMark) {
    var rest = data
    while !rest.isEmpty {
      let zeros = rest.prefix(CaptureMark.longestZeroRun).prefix { $0 == 0 }.count
      if zeros >= 2 * Self.hexLine {
        bytes.append(mark.rawValue)
        bytes.append(CaptureMark.zeroRun)
        put(String(zeros))
        rest = rest.dropFirst(zeros)
      } else {
        hexLine(rest.prefix(Self.hexLine), mark)
        rest = rest.dropFirst(Self.hexLine)
      }
    }
  }

  private mutating func hexLine(_ data: ArraySlice<UInt8>, _ mark: CaptureMark) {
    bytes.append(mark.rawValue)
    for (index, byte) in data.enumerated() {
      if index > 0 && index.isMultiple(of: 4) { bytes.append(.space) }
      bytes.append(Self.digits[Int(byte >> 4)])
      bytes.append(Self.digits[Int(byte & 15)])
    }
    if holdsWord(data) {
      bytes += Array("  ; ".utf8)
      bytes += data.map { (0x21..<0x7f).contains($0) ? $0 : UInt8(ascii: ".") }
    }
    bytes.append(.newline)
  }

  private static let digits = Array("0123456789abcdef".utf8)

  /// Whether a reader would see a word in the bytes: a device's name, a statistic's.
  private func holdsWord(_ data: ArraySlice<UInt8>) -> Bool {
    var run = 0
    for byte in data {
      run = (0x21..<0x7f).contains(byte) ? run + 1 : 0
      if run == 3 { return true }
    }
    return false
  }
}

/// Whether bytes may stand in a text file as they are: UTF-8 without control characters.
private func isText(_ bytes: ArraySlice<UInt8>) -> Bool {
  var isASCII = true
  for byte in bytes {
    if byte >= 0x80 {
      isASCII = false
    } else if byte < 0x20 && byte != 0x09 || byte == 0x7f {
      return false
    }
  }
  return isASCII || String(validating: bytes, as: UTF8.self) != nil
}

/// Keeps a name on its line: control characters and the backslash become \xNN.
private func escaped(_ string: String) -> String {
  guard string.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f || $0 == .backslash }) else {
    return string
  }
  var result = ""
  for scalar in string.unicodeScalars {
    if scalar.value < 0x20 || scalar.value == 0x7f || scalar == "\\" {
      result += scalar.value < 0x10 ? "\\x0" : "\\x"
      result += String(scalar.value, radix: 16)
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}
