import Glibc
import Netlink
import Notation
import Synchronization

/// All that passes between rxtune and the kernel, told as it passes: for bug reports.
package enum KernelTrace {
  /// Takes a piece of the trace; false where it takes no more.
  package typealias Sink = @Sendable ([UInt8]) -> Bool

  private static let isOn = Atomic<Bool>(false)
  private static let sink = Mutex<Sink?>(nil)
  private static let start = Atomic<UInt64>(0)
  /// Bytes of an answer that are written down.
  private static let limit = 64 << 10

  package static func start(into new: @escaping Sink) {
    sink.withLock { $0 = new }
    start.store(MonotonicClock.now(), ordering: .relaxed)
    isOn.store(true, ordering: .releasing)
  }

  /// Asks, and where a trace is kept, writes down what was asked and answered.
  ///
  /// - Parameters:
  ///   - question: what is sent, a line each.
  ///   - answer: what comes back, a line each.
  @inline(__always)
  static func noted<Value>(
    _ verb: String, _ place: @autoclosure () -> String, _ question: () -> [String],
    _ answer: (Value) -> [String], _ ask: () throws(KernelError) -> Value
  ) throws(KernelError) -> Value {
    guard isOn.load(ordering: .acquiring) else { return try ask() }
    let begin = MonotonicClock.now()
    let result: Result<Value, KernelError>
    do { result = .success(try ask()) } catch { result = .failure(error) }
    let took = MonotonicClock.now() &- begin
    let told: (words: String, lines: [String]) =
      switch result {
      case .success(let value): ("", answer(value))
      case .failure(let error): (": \(error.reason)", [])
      }
    append(
      begin, "\(verb) \(place())\(told.words)", took, question().map { "> \($0)" },
      told.lines.map { "< \($0)" })
    return try result.get()
  }

  private static func append(
    _ begin: UInt64, _ what: String, _ took: UInt64, _ question: [String], _ answer: [String]
  ) {
    let since = (begin &- start.load(ordering: .relaxed)) / 1_000
    let fraction = String(since % 1_000_000)
    let head =
      "\(since / 1_000_000)." + String(repeating: "0", count: 6 - fraction.utf8.count) + fraction
    let lines = ["\(head) \(readable(Array(what.utf8))) (\(took / 1_000) µs)"] + question + answer
    let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
    sink.withLock { sink in
      if let take = sink, !take(bytes) { sink = nil }
    }
  }

  // MARK: - How it is written down

  static func lines(_ request: NetlinkRequest) -> [String] {
    ["\(request.bus.rawValue) type \(request.type) flags \(request.flags.rawValue)"]
      + (request.payload.isEmpty ? [] : [Hex.text(request.payload)])
  }

  static func lines(_ messages: [NetlinkMessage]) -> [String] {
    messages.map { "type \($0.type) \(Hex.text(Array($0.payload.prefix(limit))))" }
  }

  /// Bytes of a file: what is text stays text.
  static func lines(_ bytes: [UInt8]) -> [String] {
    [
      "\"\(readable(bytes.prefix(limit)))\""
        + (bytes.count > limit ? " and \(bytes.count - limit) bytes more" : "")
    ]
  }

  /// On one line, as it can be printed.
  package static func readable(_ bytes: some Sequence<UInt8>) -> String {
    var text = ""
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\n"): text += "\\n"
      case UInt8(ascii: "\t"): text += "\\t"
      case UInt8(ascii: "\\"): text += "\\\\"
      case 0x20..<0x7f: text.unicodeScalars.append(Unicode.Scalar(byte))
      default: text += "\\x" + Hex.text([byte])
      }
    }
    return text
  }
}
