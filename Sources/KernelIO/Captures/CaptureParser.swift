import Glibc
import Notation

/// Reads the format that `Capture` documents, in one pass over the bytes.
struct CaptureParser {
  private let bytes: [UInt8]
  private var position = 0
  /// Of the line last taken; the first is 1.
  private var line = 0
  private var exchanges: [Capture.Exchange] = []

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  var isAtEnd: Bool { position >= bytes.count }

  /// One capture; another may follow.
  mutating func parse() throws(CaptureError) -> Capture {
    exchanges = []
    try parseFirstLine()
    do throws(MalformedLine) {
      let host = try parseHost()
      try parseExchanges()
      return Capture(host, exchanges: exchanges)
    } catch {
      throw CaptureError(line: line, error.problem)
    }
  }

  private mutating func parseFirstLine() throws(CaptureError) {
    let magic = Array((Capture.magic + " ").utf8)
    let rest = bytes[position...]
    guard rest.starts(with: magic) else {
      let isBegun = !rest.isEmpty && magic.starts(with: rest)
      if position > 0 && !isBegun {
        throw CaptureError(line: line, .malformed("something follows the end line"))
      }
      throw CaptureError(line: line + 1, isBegun ? .truncated : .foreign)
    }
    do throws(MalformedLine) {
      let word = String(decoding: try takeLine().dropFirst(magic.count), as: UTF8.self)
      guard word.utf8.last != UInt8(ascii: "\r") else {
        throw MalformedLine("lines end in CR LF: the capture was changed on its way")
      }
      let version: Int = try captureNumber(word, "the format's version")
      guard version >= Capture.version else { throw MalformedLine("unknown format \(version)") }
      guard version == Capture.version else { throw MalformedLine(.newer(version: word)) }
    } catch {
      throw CaptureError(line: line, error.problem)
    }
  }

  /// The lines up to the first that is empty.
  private mutating func parseHost() throws(MalformedLine) -> Capture.Host {
    var fields: [String: String] = [:]
    while true {
      let text = try takeLine()
      if text.isEmpty { break }
      let (key, value) = firstWord(text)
      guard fields.updateValue(try unescaped(value), forKey: key) == nil else {
        throw MalformedLine("the header has '\(key)' twice")
      }
    }
    func field(_ key: String) throws(MalformedLine) -> String {
      guard let value = fields.removeValue(forKey: key) else {
        throw MalformedLine("the header lacks '\(key)'")
      }
      return value
    }
    var host = Capture.Host(
      kernelRelease: try field("kernel"), machine: try field("machine"), date: try field("date"),
      rxtuneVersion: try field("rxtune"), userID: try captureNumber(try field("uid"), "uid"))
    switch try field("redacted") {
    case "yes": host.isRedacted = true
    case "no": host.isRedacted = false
    case let word: throw MalformedLine("'redacted' is yes or no, not '\(word)'")
    }
    if let key = fields.keys.min() { throw MalformedLine("the header has an unknown '\(key)'") }
    return host
  }

  /// All that follows the header, the end line included.
  private mutating func parseExchanges() throws(MalformedLine) {
    var pending: PendingExchange?
    while true {
      let line = try takeLine()
      guard let first = line.first, first != CaptureMark.remark else { continue }
      if let mark = CaptureMark(rawValue: first) {
        guard try pending?.add(mark, line.dropFirst()) != nil else {
          throw MalformedLine("an answer without a question")
        }
        continue
      }
      if let exchange = try pending?.finished() { exchanges.append(exchange) }
      let (word, rest) = firstWord(line)
      if word == "end" { return try parseEnd(rest) }
      pending = try PendingExchange(verb: word, rest)
    }
  }

  private func parseEnd(_ rest: ArraySlice<UInt8>) throws(MalformedLine) {
    let told: Int = try captureNumber(
      String(decoding: rest, as: UTF8.self), "the count of exchanges")
    guard told == exchanges.count else {
      throw MalformedLine(.miscounted(told: told, found: exchanges.count))
    }
  }

  /// A line without its newline; one that has none was cut.
  private mutating func takeLine() throws(MalformedLine) -> ArraySlice<UInt8> {
    line += 1
    guard let end = nextNewline() else { throw MalformedLine(.truncated) }
    defer { position = end + 1 }
    return bytes[position..<end]
  }

  /// Lines of /proc/interrupts run to kilobytes: memchr is an order faster than a loop.
  private func nextNewline() -> Int? {
    unsafe bytes.withUnsafeBytes { all -> Int? in
      guard let base = all.baseAddress, position < all.count else { return nil }
      return unsafe memchr(base + position, Int32(UInt8.newline), all.count - position).map {
        unsafe UnsafeRawPointer($0) - base
      }
    }
  }
}

/// A line that makes no sense; the parser adds which one.
struct MalformedLine: Error {
  var problem: CaptureError.Problem

  init(_ problem: CaptureError.Problem) { self.problem = problem }
  init(_ what: String) { self.init(.malformed(what)) }
}

/// The first word, and what follows the space after it.
func firstWord(_ text: ArraySlice<UInt8>) -> (word: String, rest: ArraySlice<UInt8>) {
  guard let space = text.firstIndex(of: .space) else {
    return (String(decoding: text, as: UTF8.self), text[text.endIndex...])
  }
  return (String(decoding: text[..<space], as: UTF8.self), text[(space + 1)...])
}

/// A decimal number, or a hexadecimal one behind 0x.
func captureNumber<Value: FixedWidthInteger>(
  _ word: String, _ what: String, as type: Value.Type = Value.self
) throws(MalformedLine) -> Value {
  let value = word.hasPrefix("0x") ? Value(word.dropFirst(2), radix: 16) : Value(word)
  guard let value else {
    throw MalformedLine("\(what) should be a number up to \(Value.max), not '\(word)'")
  }
  return value
}

/// A name as it was before the writer escaped it.
func unescaped(_ text: ArraySlice<UInt8>) throws(MalformedLine) -> String {
  guard text.contains(.backslash) else { return String(decoding: text, as: UTF8.self) }
  var result: [UInt8] = []
  var rest = text
  while let byte = rest.popFirst() {
    guard byte == .backslash else {
      result.append(byte)
      continue
    }
    guard rest.popFirst() == UInt8(ascii: "x"), let high = rest.popFirst().flatMap(Hex.digit),
      let low = rest.popFirst().flatMap(Hex.digit)
    else { throw MalformedLine("a backslash should begin an escape like \\x5c") }
    result.append(high << 4 | low)
  }
  return String(decoding: result, as: UTF8.self)
}

/// Appends what a hex line stands for: digit pairs with spaces between, up to a remark; or a run
/// of zeros.
func appendHex(_ text: ArraySlice<UInt8>, to bytes: inout [UInt8]) throws(MalformedLine) {
  if text.first == CaptureMark.zeroRun {
    let count: Int = try captureNumber(
      String(decoding: text.dropFirst(), as: UTF8.self), "a run of zeros")
    guard 0...CaptureMark.longestZeroRun ~= count else {
      throw MalformedLine("a run of zeros is at most \(CaptureMark.longestZeroRun) long")
    }
    bytes += repeatElement(0, count: count)
    return
  }
  var index = text.startIndex
  while index < text.endIndex, text[index] != CaptureMark.remarkInHex {
    if text[index] == .space {
      index += 1
      continue
    }
    guard let high = Hex.digit(text[index]), index + 1 < text.endIndex,
      let low = Hex.digit(text[index + 1])
    else {
      throw MalformedLine("column \(index - text.startIndex + 2) should be a pair of hex digits")
    }
    bytes.append(high << 4 | low)
    index += 2
  }
}
