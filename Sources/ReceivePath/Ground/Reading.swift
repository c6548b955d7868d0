package import KernelIO
import Netlink

/// What came of a look at one thing: its value, or why there is none.
///
/// Absent is never a zero: a table, a JSON document and a rule all get the reason.
package enum Reading<Value> {
  case value(Value)
  case absent(Absence)

  /// Runs `read`, and turns a refusal into its reason.
  package init(_ read: () throws(KernelError) -> Value) {
    do { self = .value(try read()) } catch { self = .absent(Absence(error)) }
  }

  package var value: Value? {
    if case .value(let value) = self { value } else { nil }
  }

  package var absence: Absence? {
    if case .absent(let absence) = self { absence } else { nil }
  }

  package func map<Other>(_ transform: (Value) -> Other) -> Reading<Other> {
    switch self {
    case .value(let value): .value(transform(value))
    case .absent(let absence): .absent(absence)
    }
  }
}

extension Reading: Sendable where Value: Sendable {}
extension Reading: Equatable where Value: Equatable {}
extension Reading: Hashable where Value: Hashable {}

/// Why there is no value.
package struct Absence: Hashable, Sendable {
  /// The raw value is JSON's word.
  package enum Reason: String, Sendable, CaseIterable {
    case notSupported = "not-supported"
    case needsPrivilege = "needs-privilege"
    case notInNamespace = "not-in-namespace"
    /// It was there a moment ago.
    case gone
    case unreadable
    case notRecorded = "not-in-capture"
    /// Programs set it on their own sockets.
    case ofPrograms = "set-by-programs"

    /// For people.
    package var words: String {
      switch self {
      case .notSupported: "not supported"
      case .needsPrivilege: "needs privilege"
      case .notInNamespace: "not in this namespace"
      case .gone: "gone"
      case .unreadable: "unreadable"
      case .notRecorded: "not in this capture"
      case .ofPrograms: "set by programs"
      }
    }
  }

  package var reason: Reason
  /// The error in full, where there was one.
  package var detail: String?

  package init(_ reason: Reason, detail: String? = nil) {
    self.reason = reason
    self.detail = detail
  }

  package init(_ error: KernelError) {
    detail = error.description
    reason =
      switch error.kind {
      case .notSupported: .notSupported
      // A device that vanished answers ENODEV; a file or an object that never was, ENOENT.
      case .absent: error.errno == .noDevice ? .gone : .notSupported
      case .needsPrivilege: .needsPrivilege
      case .notRecorded: .notRecorded
      case .interrupted, .refused, .malformed: .unreadable
      }
  }
}

/// Turns an answer that does not decode into a `KernelError` of the question's.
func decoding<Value>(
  _ subject: String, _ decode: () throws(DecodeError) -> Value
) throws(KernelError) -> Value {
  do { return try decode() } catch { throw KernelError(subject, error) }
}
