/// What a client does, over and over.
package enum Workload: String, CaseIterable, Codable, Sendable {
  case crr
  case rr
  case udpRR = "udp-rr"
  case receive

  package var abstract: String {
    switch self {
    case .crr: "connect, request, response, close"
    case .rr: "request and response on connections that stay open"
    case .udpRR: "request and response in datagrams"
    case .receive: "datagrams one way; the server counts them"
    }
  }

  package var isStream: Bool { self == .crr || self == .rr }

  /// Does a response follow each request? Else nobody waits for one, and what is lost is lost.
  package var isAnswered: Bool { self != .receive }
}

/// How a `crr` connection ends, which decides who pays for TIME_WAIT.
package enum CloseMethod: String, CaseIterable, Codable, Sendable {
  /// The server closes after its response, the client resets: TIME_WAIT on neither side.
  case rst
  /// The client closes first and keeps TIME_WAIT: a port each for a minute.
  case fin

  package var abstract: String {
    switch self {
    case .rst: "the client resets; no TIME_WAIT"
    case .fin: "the client closes first and holds the port in TIME_WAIT"
    }
  }
}

/// The exchange that both halves must agree on.
package struct Exchange: Codable, Hashable, Sendable {
  package static let sizes = 8...65_536
  /// A request begins with a number that its response repeats.
  static let headBytes = 8

  package var workload: Workload
  package var close: CloseMethod
  package var requestBytes: Int
  package var responseBytes: Int

  package init(
    _ workload: Workload, close: CloseMethod = .rst, requestBytes: Int = 64,
    responseBytes: Int = 64
  ) {
    self.workload = workload
    self.close = close
    self.requestBytes = requestBytes
    self.responseBytes = responseBytes
  }

  func check() throws(BenchError) {
    // A datagram's payload: 65,535 less the IPv4 and UDP headers.
    let limit = !workload.isStream ? 65_507 : Self.sizes.upperBound
    for (name, bytes) in [("request", requestBytes), ("response", responseBytes)]
    where !(Self.sizes.lowerBound...limit).contains(bytes) {
      throw BenchError(
        "--\(name)-bytes \(bytes): use \(Self.sizes.lowerBound) to \(limit)")
    }
  }

  /// Bytes of the longer message.
  var largest: Int { max(requestBytes, responseBytes) }

  /// Does the server close a connection as soon as it has answered?
  var serverCloses: Bool { workload == .crr && close == .rst }

  /// What follows the head in every message: byte i is the low byte of 7·i.
  static func fill(_ message: UnsafeMutableRawPointer, _ count: Int) {
    for index in 0..<count {
      unsafe message.storeBytes(
        of: UInt8(truncatingIfNeeded: 7 &* index), toByteOffset: index, as: UInt8.self)
    }
  }
}
