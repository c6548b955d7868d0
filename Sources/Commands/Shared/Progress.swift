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

/// Lines on standard error that the next ones replace.
struct ProgressBoard {
  private var shown = 0

  /// - Parameter lines: made for so many columns and rows; none takes them away.
  mutating func show(_ lines: (_ columns: Int, _ rows: Int) -> [String]) {
    guard Console.showsProgress else { return }
    let size = TerminalSession.size(of: STDERR_FILENO)
    // One row less: the cursor stands below.
    let lines = lines(size.columns, max(1, size.rows - 1))
    let up = shown > 0 ? "\u{1b}[\(shown)F" : ""
    let bytes = Array((up + "\u{1b}[J" + lines.map { $0 + "\n" }.joined()).utf8)
    _ = unsafe write(STDERR_FILENO, bytes, bytes.count)
    shown = lines.count
  }

  mutating func clear() { show { _, _ in [] } }
}
