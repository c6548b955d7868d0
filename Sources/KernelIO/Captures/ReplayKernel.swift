package import Netlink

/// A recorded host: answers what it was asked when it was recorded, and nothing else.
///
/// A question that was asked several times gets its answers in their order, then the last one
/// again and again.
package final class ReplayKernel: Kernel {
  package let host: Capture.Host
  private let exchanges: [Capture.Exchange]
  /// The exchange that answers a question next.
  private var upcoming: [Capture.Question: Int] = [:]
  /// For each exchange: the one that answers the same question after it, or itself.
  private var successors: [Int]

  package init(_ capture: Capture) {
    host = capture.host
    exchanges = capture.exchanges
    successors = Array(exchanges.indices)
    upcoming.reserveCapacity(exchanges.count)
    for index in exchanges.indices.reversed() {
      if let later = upcoming.updateValue(index, forKey: exchanges[index].question) {
        successors[index] = later
      }
    }
  }

  package func read(_ path: KernelPath) throws(KernelError) -> [UInt8] {
    let place = path.description
    switch try answer(.read(path), "read", place) {
    case .bytes(let bytes): return bytes
    case let other: throw refusal(other, "read", place)
    }
  }

  package func write(_ path: KernelPath, _ bytes: [UInt8]) throws(KernelError) {
    throw KernelError("write", path.description, .recordedHost)
  }

  package func list(_ path: KernelPath) throws(KernelError) -> [String] {
    let place = path.description
    switch try answer(.list(path), "list", place) {
    case .strings(let names): return names
    case let other: throw refusal(other, "list", place)
    }
  }

  package func readLink(_ path: KernelPath) throws(KernelError) -> String {
    let place = path.description
    let answer = try answer(.readLink(path), "readlink", place)
    if case .strings(let targets) = answer, let target = targets.first { return target }
    throw refusal(answer, "readlink", place)
  }

  package func mode(_ path: KernelPath) throws(KernelError) -> UInt16 {
    let place = path.description
    let answer = try answer(.mode(path), "stat", place)
    if case .strings(let digits) = answer, let mode = digits.first.flatMap({ UInt16($0, radix: 8) })
    {
      return mode
    }
    throw refusal(answer, "stat", place)
  }

  package func netlink(_ request: NetlinkRequest) throws(KernelError) -> [NetlinkMessage] {
    switch try answer(.netlink(request), "netlink", request.subject) {
    case .messages(let messages): return messages
    case let other: throw refusal(other, "netlink", request.subject)
    }
  }

  package func ethtool(_ device: String, _ data: [UInt8]) throws(KernelError) -> [UInt8] {
    let place = ethtoolPlace(device, data)
    switch try answer(.ethtool(device: device, data: data), "SIOCETHTOOL", place) {
    case .bytes(let bytes): return bytes
    case let other: throw refusal(other, "SIOCETHTOOL", place)
    }
  }

  private func answer(_ question: Capture.Question, _ operation: String, _ place: String)
    throws(KernelError) -> Capture.Answer
  {
    guard let index = upcoming[question] else {
      throw KernelError(operation, place, .notRecorded)
    }
    upcoming[question] = successors[index]
    return exchanges[index].answer
  }

  /// The error that the live kernel gave where it refused.
  private func refusal(_ answer: Capture.Answer, _ operation: String, _ place: String)
    -> KernelError
  {
    switch answer {
    case .refused(let errno, let words):
      KernelError(operation, place, .errno(errno), extendedAck: words)
    case .malformed(let error): KernelError(place, error)
    // An answer of another verb's: a capture that was put together by hand.
    case .bytes, .strings, .messages: KernelError(operation, place, .notRecorded)
    }
  }
}
