// stdout is a variable in C.
@unsafe @preconcurrency import Glibc
import Synchronization

/// The terminal, or what stands in for it.
package enum Console {
  package enum Severity: String, Sendable {
    case error, warning, note
  }

  /// How the process was asked to speak.
  package enum Manner {
    /// Errors alone on standard error.
    case quiet
    case colour, noColour
  }

  private static let isQuiet = Atomic<Bool>(false)
  /// 0: as the terminal has it.
  private static let colour = Atomic<Int>(0)

  package static func set(_ manner: Manner) {
    switch manner {
    case .quiet: isQuiet.store(true, ordering: .relaxed)
    case .colour: colour.store(1, ordering: .relaxed)
    case .noColour: colour.store(-1, ordering: .relaxed)
    }
  }

  /// Whether what is printed for people is coloured: as asked for, else on a terminal that is not
  /// asked to be without.
  package static var hasColour: Bool {
    switch colour.load(ordering: .relaxed) {
    case 0: isScreen && !wantsNoColour
    case let asked: asked > 0
    }
  }

  /// Opens those of the standard descriptors that the caller closed: else the next file would be
  /// taken for one of them, and what is printed would go into a journal. Against their direction, so
  /// that to use them is an error all the same.
  package static func holdStandardDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      _ = unsafe open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }

  /// "rxtune: warning: …" on standard error.
  package static func report(_ severity: Severity, _ text: String) {
    if severity != .error && isQuiet.load(ordering: .relaxed) { return }
    complain("rxtune: \(severity.rawValue): \(text)")
  }

  /// As `complain`, unless the process is quiet.
  package static func remark(_ line: String) {
    if !isQuiet.load(ordering: .relaxed) { complain(line) }
  }

  /// Whether progress is shown: to somebody who watches, and asked for no quiet.
  package static var showsProgress: Bool {
    isatty(STDERR_FILENO) == 1 && !isQuiet.load(ordering: .relaxed)
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
