import Glibc
package import KernelIO

/// Why a measurement cannot be made, or could not go on.
package struct BenchError: Error, Hashable, CustomStringConvertible {
  package var message: String
  package var errno: Errno?
  /// What to try.
  package var hint: String?
  /// No later run can fare better: the measurement ends with it.
  package var isFinal = false

  package init(_ message: String, _ errno: Errno? = nil, hint: String? = nil, isFinal: Bool = false)
  {
    self.message = message
    self.errno = errno
    self.hint = hint
    self.isFinal = isFinal
  }

  /// The system call that just failed.
  static func last(_ message: String, hint: String? = nil) -> BenchError {
    BenchError(message, Errno(rawValue: Glibc.errno), hint: hint)
  }

  /// The same with what it came up in before it.
  func within(_ what: String) -> BenchError {
    var error = self
    error.message = "\(what): \(message)"
    return error
  }

  package var description: String {
    var text = message
    if let errno { text += ": \(errno.explained)" }
    if let hint { text += "; \(hint)" }
    return text
  }
}
