import Glibc

/// What is said beside the result.
enum Terminal {
  /// A line on standard error.
  static func note(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = unsafe write(2, bytes, bytes.count)
  }
}
