package import Netlink

/// A refusal by the kernel, or an answer of its that does not decode.
package struct KernelError: Error, Hashable, CustomStringConvertible {
  /// What a caller can do about it.
  package enum Kind: Hashable, Sendable {
    /// The kernel or the driver has no such thing.
    case notSupported
    /// No such file, device or object (any more).
    case absent
    case needsPrivilege
    /// Worth another try: the answer was torn by a change.
    case interrupted
    /// The value or the request was refused.
    case refused
    /// The answer came, and makes no sense.
    case malformed
    /// The recorded host was never asked this.
    case notRecorded
  }

  package enum Cause: Hashable, Sendable {
    case errno(Errno)
    case decode(DecodeError)
    case notRecorded
    /// Somebody asked a recorded host to change.
    case recordedHost
  }

  /// What was tried: "read", "write", "list", "netlink", "SIOCETHTOOL".
  package var operation: String
  /// Where: a path, or the request's subject.
  package var place: String
  package var cause: Cause
  package var extendedAck: ExtendedAck?

  package init(
    _ operation: String, _ place: String, _ cause: Cause, extendedAck: ExtendedAck? = nil
  ) {
    self.operation = operation
    self.place = place
    self.cause = cause
    self.extendedAck = extendedAck
  }

  package init(_ operation: String, _ place: String, _ errno: Errno) {
    self.init(operation, place, .errno(errno))
  }

  /// Wraps an answer that does not decode.
  package init(_ place: String, _ error: DecodeError) {
    self.init("decode", place, .decode(error))
  }

  package var errno: Errno? {
    if case .errno(let errno) = cause { errno } else { nil }
  }

  package var kind: Kind {
    switch cause {
    case .decode: .malformed
    case .notRecorded: .notRecorded
    case .recordedHost: .refused
    case .errno(let errno):
      switch errno {
      case .notSupported, .notImplemented, .noProtocolOption, .protocolNotSupported,
        .familyNotSupported, .noSuchIoctl:
        .notSupported
      case .noEntry, .noDevice, .noSuchAddress, .noSuchProcess, .notADirectory: .absent
      case .notPermitted, .accessDenied: .needsPrivilege
      // EAGAIN and EWOULDBLOCK are one.
      case .interrupted, .wouldBlock, .busy: .interrupted
      default: .refused
      }
    }
  }

  package var description: String {
    if case .decode = cause { "\(place): \(reason)" } else { "\(operation) \(place): \(reason)" }
  }

  /// What is wrong, without what was tried: the kernel's own words where it sent some.
  package var reason: String {
    switch cause {
    case .errno(let errno):
      extendedAck?.message.map { "\"\($0)\" (\(errno))" } ?? errno.explained
    case .decode(let error): error.description
    case .notRecorded: "not in this capture"
    case .recordedHost: "a recorded host cannot be changed"
    }
  }
}

/// What an SIOCETHTOOL failure is told by: the device, and the command that `data` begins with.
func ethtoolPlace(_ device: String, _ data: [UInt8]) -> String {
  "\(device) command 0x" + String(ethtoolCommand(data), radix: 16)
}

/// The command number that an SIOCETHTOOL structure begins with; 0 where it has none.
func ethtoolCommand(_ data: [UInt8]) -> UInt32 {
  data.count >= 4 ? hostInteger(data[..<4]) : 0
}
