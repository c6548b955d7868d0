package import Netlink

/// Passes every question on to another kernel and writes down what it answered.
///
/// Only what reads is recorded: a write goes through and leaves no trace.
package final class Recorder: Kernel {
  private let kernel: any Kernel
  /// What was asked and answered so far.
  package private(set) var capture: Capture

  package init(_ kernel: any Kernel, host: Capture.Host) {
    self.kernel = kernel
    self.capture = Capture(host)
  }

  package func read(_ path: KernelPath) throws(KernelError) -> [UInt8] {
    try record(.read(path), Capture.Answer.bytes) { () throws(KernelError) in
      try kernel.read(path)
    }
  }

  package func write(_ path: KernelPath, _ bytes: [UInt8]) throws(KernelError) {
    try kernel.write(path, bytes)
  }

  package func list(_ path: KernelPath) throws(KernelError) -> [String] {
    try record(.list(path), Capture.Answer.strings) { () throws(KernelError) in
      try kernel.list(path)
    }
  }

  package func readLink(_ path: KernelPath) throws(KernelError) -> String {
    try record(.readLink(path), { .strings([$0]) }) { () throws(KernelError) in
      try kernel.readLink(path)
    }
  }

  package func mode(_ path: KernelPath) throws(KernelError) -> UInt16 {
    try record(.mode(path), { .strings([String($0, radix: 8)]) }) { () throws(KernelError) in
      try kernel.mode(path)
    }
  }

  package func netlink(_ request: NetlinkRequest) throws(KernelError) -> [NetlinkMessage] {
    try record(.netlink(request), Capture.Answer.messages) { () throws(KernelError) in
      try kernel.netlink(request)
    }
  }

  package func ethtool(_ device: String, _ data: [UInt8]) throws(KernelError) -> [UInt8] {
    try record(.ethtool(device: device, data: data), Capture.Answer.bytes) {
      () throws(KernelError) in
      try kernel.ethtool(device, data)
    }
  }

  private func record<Value>(
    _ question: Capture.Question, _ answer: (Value) -> Capture.Answer,
    _ ask: () throws(KernelError) -> Value
  ) throws(KernelError) -> Value {
    do {
      let value = try ask()
      capture.exchanges.append(Capture.Exchange(question, answer(value)))
      return value
    } catch {
      if let refusal = Capture.Answer(refusal: error) {
        capture.exchanges.append(Capture.Exchange(question, refusal))
      }
      throw error
    }
  }
}

extension Capture.Answer {
  /// The kernel's part of an error; `nil` where no kernel spoke, but a replay did.
  fileprivate init?(refusal: KernelError) {
    switch refusal.cause {
    case .errno(let errno):
      let words = refusal.extendedAck
      self = .refused(errno, words == ExtendedAck() ? nil : words)
    case .decode(let error): self = .malformed(error)
    case .notRecorded, .recordedHost: return nil
    }
  }
}
