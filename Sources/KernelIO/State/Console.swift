// stdout is a variable in C.
@unsafe @preconcurrency import Glibc

/// The terminal, or what stands in for it.
package enum Console {
  /// Writes a line to standard error, where diagnostics and progress go.
  package static func complain(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  /// Writes to standard output at once, for what is read while it grows; false where nobody reads
  /// any more.
  package static func show(_ text: String) -> Bool {
    (try? LocalFile.write("-", Array(text.utf8))) != nil
  }

  /// Writes what `print` has kept back; false where it, or anything before it, could not be written.
  package static func flush() -> Bool {
    unsafe fflush(stdout) == 0 && ferror(stdout) == 0
  }

  /// Whether standard output is a terminal.
  package static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
}
