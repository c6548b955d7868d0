import Glibc

/// A command line of the user's.
package enum ShellCommand {
  /// What is more is not kept.
  private static let limit = 1 << 20

  /// Its output, once it has ended well; what it writes as errors goes where ours do.
  ///
  /// - Returns: nil where it was ended, with all that it started, as it ran at that moment of
  ///   CLOCK_MONOTONIC.
  package static func run(
    _ command: String, until end: UInt64, _ interruption: Interruption
  ) throws(BenchError) -> String? {
    let process = try SpawnedProcess("/bin/sh", ["-c", command])
    process.closeInput()
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      // The moment, a signal, or output.
      if interruption.sleep(until: end, or: process.output) { return nil }
      if interruption.hasCome { throw .interrupted }
      let count = unsafe read(process.output, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { break }
      if bytes.count < limit { bytes += buffer[..<count] }
    }
    process.wait()
    guard process.hasSucceeded else {
      throw BenchError("'\(command)' ended with \(process.ending)")
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
