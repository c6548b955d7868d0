import Glibc
import KernelIO
import Notation

/// Messages in JSON, one a line, between two processes of a benchmark.
package final class ControlChannel {
  private let input: Int32
  private let output: Int32
  private var pending: [UInt8] = []
  private static let lineLimit = 8 << 20

  package init(input: Int32, output: Int32) {
    self.input = input
    self.output = output
  }

  var descriptor: Int32 { input }

  func send(encoding message: some Encodable) throws(BenchError) {
    let line: [UInt8]
    do { line = Array(try JSON(encoding: message).line().utf8) + [UInt8(ascii: "\n")] } catch {
      throw BenchError("encode a control message: \(error)")
    }
    try write(line)
  }

  func write(_ line: [UInt8]) throws(BenchError) {
    var rest = line[...]
    while !rest.isEmpty {
      let put = unsafe rest.withUnsafeBytes { unsafe Glibc.write(output, $0.baseAddress, $0.count) }
      if put < 0 && errno == EINTR { continue }
      guard put > 0 else { throw BenchError.last("write to the other half of the benchmark") }
      rest = rest.dropFirst(put)
    }
  }

  /// The next message; nil where the other side has closed.
  ///
  /// - Parameter patience: milliseconds to wait at most; below 0, for ever.
  func receive<Message: Decodable>(
    _ type: Message.Type, patience: Int32 = -1
  ) throws(BenchError) -> Message? {
    while true {
      if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        let line = pending[..<end]
        pending.removeSubrange(...end)
        do { return try JSON(parsing: line).decode(type) } catch {
          throw BenchError(
            "an invalid control message: \(String(decoding: line.prefix(200), as: UTF8.self))"
          )
        }
      }
      guard pending.count < Self.lineLimit else {
        throw BenchError("a control message longer than \(Self.lineLimit) bytes")
      }
      var wait = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
      guard unsafe patience < 0 || poll(&wait, 1, patience) != 0 else {
        throw BenchError("no answer within \(patience / 1000) s")
      }
      var space = [UInt8](repeating: 0, count: 4096)
      let got = unsafe read(input, &space, space.count)
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw BenchError.last("read from the other half of the benchmark") }
      if got == 0 { return nil }
      pending += space[..<got]
    }
  }
}
