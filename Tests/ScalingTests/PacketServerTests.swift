import Glibc
import KernelIO
import TestSupport
import Testing

@testable import Scaling

/// A backend and how it is to serve.
struct Serving: CustomTestStringConvertible {
  var backend: PacketBackend
  var wait = PacketWait.poll
  var queues = 1
  var threads = 1
  var attach = XDPAttach.native

  var testDescription: String {
    "\(backend.name) \(wait.rawValue) \(queues) queues \(threads) threads \(attach.rawValue)"
  }

  static let all: [Serving] =
    PacketBackend.all.flatMap { backend in
      PacketWait.allCases.flatMap { wait in
        [(1, 1), (4, 1), (4, 2)].map { queues, threads in
          Serving(backend: backend, wait: wait, queues: queues, threads: threads)
        }
      }
    } + [Serving(backend: .afXDP, queues: 4, attach: .generic)]

  func server(
    _ exchange: Exchange = Exchange(.udpRR, requestBytes: 40, responseBytes: 100)
  ) throws -> PacketServer {
    try PacketServer(
      PacketServerOptions(
        backend, exchange, device: ServedLink.device, threads: threads, wait: wait, attach: attach))
  }
}

@Suite("Packet servers", .serialized, .enabled(if: ServedLink.isAvailable, "needs root"))
struct PacketServerTests {
  @Test(arguments: Serving.all)
  func everyRequestIsAnsweredRightly(serving: Serving) throws {
    try ServedLink.run(queues: serving.queues, serve: { try serving.server() }) { link, server in
      try server.start()
      for source in 0..<8 {
        let client = try DatagramClient(to: server.port)
        for number in 0..<25 {
          let head = (0..<8).map { UInt8(truncatingIfNeeded: number * 31 + source * 7 + $0) }
          let request = head + [UInt8](repeating: 9, count: 32)
          let expected = head + (8..<100).map { UInt8(truncatingIfNeeded: 7 * $0) }
          #expect(client.ask(request) == .success(expected))
        }
      }
      let counts = server.stop()
      #expect(counts.total.transactions == 200)
      #expect(counts.total.received == 200)
      #expect(counts.total.damaged == 0 && counts.total.foreign == 0)
      #expect(counts.total.dropped == 0 && counts.total.unsent == 0)
      #expect(server.missed ?? 0 == 0)
      #expect(counts.count == serving.threads)
    }
  }
}
