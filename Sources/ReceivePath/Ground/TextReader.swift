import Knobs
import Netlink
import Notation

/// A cursor over the lines and words of a /proc file, byte by byte and once through.
///
/// Every error names the line (from 1) and the byte in it.
struct TextReader {
  private let bytes: [UInt8]
  private let context: String
  private var lineStart = 0
  private var lineEnd = 0
  private var nextStart = 0
  private var position = 0
  private(set) var line = 0

  init(_ bytes: [UInt8], _ context: String) {
    self.bytes = bytes
    self.context = context
  }

  /// Moves to the start of the next line; false at the end of the text.
  ///
  /// The kernel ends every line: one without its end was cut, and its last number with it.
  mutating func nextLine() throws(DecodeError) -> Bool {
    guard nextStart < bytes.count else { return false }
    lineStart = nextStart
    position = lineStart
    line += 1
    var end = lineStart
    while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
    lineEnd = end
    nextStart = end + 1
    guard end < bytes.count else { throw error("the line is cut short") }
    return true
  }

  mutating func skipSpaces() {
    while position < lineEnd, isSpace(bytes[position]) { position += 1 }
  }

  /// The next byte of the line, not consumed.
  var peek: UInt8? { position < lineEnd ? bytes[position] : nil }

  /// True where nothing but white space is left of the line.
  mutating func atEndOfLine() -> Bool {
    skipSpaces()
    return position >= lineEnd
  }

  /// The next word of the line.
  mutating func word() -> ArraySlice<UInt8>? {
    skipSpaces()
    let start = position
    while position < lineEnd, !isSpace(bytes[position]) { position += 1 }
    return start < position ? bytes[start..<position] : nil
  }

  /// What stands before `separator`, which is consumed; nil (and nothing consumed) without one.
  mutating func text(before separator: UInt8) -> ArraySlice<UInt8>? {
    skipSpaces()
    var end = position
    while end < lineEnd, bytes[end] != separator { end += 1 }
    guard end < lineEnd else { return nil }
    defer { position = end + 1 }
    return bytes[position..<end]
  }

  /// The rest of the line without the white space around it.
  mutating func rest() -> ArraySlice<UInt8> {
    skipSpaces()
    var end = lineEnd
    while end > position, isSpace(bytes[end - 1]) { end -= 1 }
    defer { position = lineEnd }
    return bytes[position..<end]
  }

  /// The next word as an unsigned number of that base; nil (and nothing consumed) where the word
  /// is no such number.
  mutating func number(radix: UInt64 = 10) throws(DecodeError) -> UInt64? {
    skipSpaces()
    var value: UInt64 = 0
    var end = position
    while end < lineEnd, let digit = Hex.digit(bytes[end]).map(UInt64.init), digit < radix {
      let (product, overflow) = value.multipliedReportingOverflow(by: radix)
      let (sum, carry) = product.addingReportingOverflow(digit)
      guard !overflow, !carry else { throw error("a number beyond 64 bits") }
      value = sum
      end += 1
    }
    guard end > position, end == lineEnd || isSpace(bytes[end]) else { return nil }
    position = end
    return value
  }

  mutating func required(_ what: String, radix: UInt64 = 10) throws(DecodeError) -> UInt64 {
    guard let value = try number(radix: radix) else { throw error("\(what) is missing") }
    return value
  }

  /// "CPU0 CPU2 CPU3", the first line of a table by CPU: their numbers, for some are left out.
  mutating func cpuHeader() throws(DecodeError) -> [Int] {
    guard try nextLine() else { throw error("the header is missing") }
    var cpus: [Int] = []
    while let word = word() {
      guard word.hasPrefix("CPU"), let cpu = word.dropFirst(3).decimal, cpu < CPUSet.limit else {
        throw error("\"\(word.text)\" where a CPU is due")
      }
      cpus.append(cpu)
    }
    guard !cpus.isEmpty else { throw error("the header names no CPU") }
    return cpus
  }

  func error(_ problem: String) -> DecodeError {
    DecodeError("\(context) line \(line)", offset: position - lineStart, problem)
  }
}

@inline(__always)
private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d }

extension ArraySlice<UInt8> {
  var text: String { String(decoding: self, as: UTF8.self) }

  func hasPrefix(_ prefix: StaticString) -> Bool {
    starts(with: prefix.description.utf8)
  }

  /// A decimal number that is the whole of it.
  var decimal: Int? {
    guard !isEmpty, count <= 18, allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return reduce(0) { $0 * 10 + Int($1 &- 0x30) }
  }
}
