// stdout is a variable in C.
@unsafe @preconcurrency import Glibc

/// The terminal, or what stands in for it.
package enum Console {
  package enum Severity: String, Sendable {
    case error, warning, note
  }

  /// "rxtune: warning: …" on standard error.
  package static func report(_ severity: Severity, _ text: String) {
    complain("rxtune: \(severity.rawValue): \(text)")
  }

  /// Writes a line to standard error, where diagnostics and progress go; behind all that was
  /// printed before, where both lead to one file.
  package static func complain(_ line: String) {
    _ = flush()
    let bytes = Array((line + "\n").utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  /// Writes to standard output at once, for what is read while it grows; false where nobody reads
  /// any more.
  package static func show(_ text: String) -> Bool {
    flush() && (try? LocalFile.write("-", Array(text.utf8))) != nil
  }

  /// Writes what `print` has kept back; false where it, or anything before it, could not be written.
  package static func flush() -> Bool {
    unsafe fflush(stdout) == 0 && ferror(stdout) == 0
  }

  /// From here on a write that nobody reads fails, and ends nothing by itself.
  package static func outliveReaders() { _ = signal(SIGPIPE, SIG_IGN) }

  /// Whether standard output is a terminal that more can be done with than to print lines.
  package static var isScreen: Bool {
    isTerminal && !["", "dumb"].contains(environment("TERM") ?? "")
  }

  /// Whether it is asked to be without colours (no-color.org).
  package static var wantsNoColour: Bool { environment("NO_COLOR")?.isEmpty == false }

  /// Whether the locale's characters are UTF-8 (locale(7)).
  package static var isUnicode: Bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(environment)
      .first { !$0.isEmpty }
    let name = locale?.lowercased() ?? ""
    return name.hasSuffix("utf-8") || name.hasSuffix("utf8")
  }

  /// A variable of the environment.
  package static func environment(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }

  /// Whether standard output is a terminal.
  package static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
}
