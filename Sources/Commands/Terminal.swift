import Glibc

/// What is said beside the result.
enum Terminal {
  /// A line on standard error.
  static func note(_ line: String) { put(line + "\n") }

  /// What is going on, in one line that the next replaces; only where somebody watches.
  static func progress(_ line: String?) {
    if isatty(2) == 1 { put("\r\u{1b}[K" + (line ?? "")) }
  }

  private static func put(_ text: String) {
    let bytes = Array(text.utf8)
    _ = unsafe write(2, bytes, bytes.count)
  }
}
