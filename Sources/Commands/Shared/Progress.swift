import Glibc
import KernelIO

/// What is going on, in one line that the next replaces; only where somebody watches.
enum Progress {
  /// nil takes the line away.
  static func show(_ line: String?) {
    guard Console.showsProgress else { return }
    let bytes = Array(("\r\u{1b}[K" + (line ?? "")).utf8)
    _ = unsafe write(STDERR_FILENO, bytes, bytes.count)
  }
}
