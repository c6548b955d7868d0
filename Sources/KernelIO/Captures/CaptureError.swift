/// Why a file is not taken for a recorded host.
package struct CaptureError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Problem: Hashable, Sendable {
    /// The first line is not a capture's.
    case foreign
    /// Written by a later rxtune, in a format that this one does not know.
    case newer(version: String)
    /// The file stops before its end line.
    case truncated
    /// The end line counts other than what is there.
    case miscounted(told: Int, found: Int)
    case malformed(String)
  }

  /// Counted from 1.
  package var line: Int
  package var problem: Problem

  package init(line: Int, _ problem: Problem) {
    self.line = line
    self.problem = problem
  }

  package var description: String {
    let reason =
      switch problem {
      case .foreign:
        "not a capture: the first line should be '\(Capture.magic) \(Capture.version)'"
      case .newer(let version):
        "capture format \(version) is newer than this rxtune, which knows \(Capture.version)"
      case .truncated:
        "the capture is cut short: its 'end' line is missing"
      case .miscounted(let told, let found):
        "the end line counts \(told) exchanges, the file holds \(found)"
      case .malformed(let what): what
      }
    return "line \(line): \(reason)"
  }
}
