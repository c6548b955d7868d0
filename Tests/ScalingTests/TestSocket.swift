import Glibc
import Synchronization

@testable import Scaling

/// A blocking client on loopback.
final class TestSocket {
  private(set) var descriptor: Int32

  init(connectedTo port: UInt16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0, let address = try? SocketAddress(host: "127.0.0.1", port: port) else {
      throw BenchError.last("socket")
    }
    try Listener.limitReceive(descriptor, milliseconds: 2000)
    var on: Int32 = 1
    _ = unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
    guard unsafe address.withSockaddr({ unsafe connect(descriptor, $0, $1) }) == 0 else {
      throw BenchError.last("connect")
    }
  }

  deinit { close() }

  func close() {
    if descriptor >= 0 { Glibc.close(descriptor) }
    descriptor = -1
  }

  func send(_ bytes: [UInt8]) -> Int {
    unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  /// Up to `count` bytes: fewer where the server closes or is silent for two seconds.
  func receive(_ count: Int) -> [UInt8] {
    var all: [UInt8] = []
    var space = [UInt8](repeating: 0, count: count)
    while all.count < count {
      let got = unsafe recv(descriptor, &space, count - all.count, 0)
      if got <= 0 { break }
      all += space[..<got]
    }
    return all
  }
}

/// A listening socket that nobody accepts from.
final class SilentListener {
  let port: UInt16
  private let listener: Listener

  init(backlog: Int32) throws {
    listener = try Listener(ServerOptions(.acceptor, Exchange(.crr), backlog: backlog))
    port = listener.port
  }

  deinit { listener.close() }
}

/// Serves one connection in lock-step, and stands still once in its life.
final class StallingServer: Sendable {
  let port: UInt16
  private let listener: Int32
  private let stopping = Atomic<Bool>(false)

  init(stall: Double) throws {
    let sockets = try Listener(ServerOptions(.sharedAccept, Exchange(.rr)))
    port = sockets.port
    listener = sockets.descriptors[0]
    let exchange = Exchange(.rr)
    _ = try PinnedThread(cpu: nil) { [self] in
      let descriptor = accept(listener, nil, nil)
      var request = [UInt8](repeating: 0, count: exchange.requestBytes)
      var response = (0..<exchange.responseBytes).map { UInt8(truncatingIfNeeded: 7 * $0) }
      var served = 0
      while !stopping.load(ordering: .relaxed) {
        let got = unsafe recv(descriptor, &request, request.count, 0)
        if got == 0 { break }
        guard got == request.count else { continue }
        if served == 50 { usleep(UInt32(stall * 1e6)) }
        response.replaceSubrange(0..<8, with: request[..<8])
        _ = unsafe send(descriptor, response, response.count, Int32(MSG_NOSIGNAL))
        served += 1
      }
      close(descriptor)
      close(listener)
    }
  }

  func stop() { stopping.store(true, ordering: .relaxed) }
}
