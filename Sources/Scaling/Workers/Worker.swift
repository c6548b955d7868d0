import CKernel
import Glibc
import Synchronization

/// One open connection, found by its descriptor: what has come of its request.
struct Connection {
  var received: UInt32 = 0
  /// Of the response; short of it only where the socket's buffer was full.
  var sent: UInt32 = 0
  /// The request's number.
  var head: UInt64 = 0
  var isOpen = false
}

/// One worker of a server: what its loop needs, side by side in memory that only it writes.
///
/// The loops run on it through a pointer: no reference is counted and nothing is allocated for a
/// transaction.
@safe struct Worker: ~Copyable {
  let index: Int
  /// Where it is pinned, or -1.
  let cpu: Int32
  let listener: Int32
  let epoll: Int32
  /// Readable once the server is to stop; never read.
  let stopEvent: Int32
  let isStopping: UnsafePointer<StopFlag>
  let requestBytes: Int
  let responseBytes: Int
  let serverCloses: Bool
  /// Of send(2).
  let sendFlags: Int32
  /// Shared by the workers: a descriptor is one worker's at a time.
  let connections: UnsafeMutablePointer<Connection>
  let connectionLimit: Int32
  let events: UnsafeMutablePointer<epoll_event>
  let request: UnsafeMutableRawPointer
  let response: UnsafeMutableRawPointer
  /// Where the request's number goes: the response's head, or aside where that is not ours.
  let head: UnsafeMutableRawPointer

  let accepted = Counter()
  let transactions = Counter()
  /// Returns from epoll_wait(2) or its like.
  let wakeUps = Counter()
  /// Wake-ups for a listener that another worker had emptied.
  let emptyWakeUps = Counter()
  /// accept(2) that the kernel refused for want of descriptors or memory.
  let refused = Counter()
  /// Connections that broke before their transaction was done.
  let broken = Counter()
  let localitySampled = Counter()
  let localityMatched = Counter()

  static let eventCount: Int32 = 64
  static let listenerToken = UInt64.max
  static let stopToken = UInt64.max - 1
  /// One in so many transactions, or connections that end with one, is asked which CPU took its
  /// packets.
  private static let localityInterval: UInt64 = 64

  /// Its buffers are its own, each in cache lines of their own.
  deinit {
    if epoll >= 0 { close(epoll) }
    unsafe events.deallocate()
    unsafe request.deallocate()
    unsafe response.deallocate()
  }
}

struct StopFlag: ~Copyable {
  let isSet = Atomic<Bool>(false)
}

extension Worker {
  @inline(__always) var shouldStop: Bool {
    unsafe isStopping.pointee.isSet.load(ordering: .relaxed)
  }

  /// Takes a new connection into the table; closes it where the table is full.
  @inline(__always) borrowing func admit(_ descriptor: Int32) -> Bool {
    guard descriptor < connectionLimit else {
      close(descriptor)
      refused.add()
      return false
    }
    unsafe connections[Int(descriptor)] = Connection(isOpen: true)
    accepted.add()
    if serverCloses && accepted.current % Self.localityInterval == 0 { sampleLocality(descriptor) }
    return true
  }

  /// After a transaction on a connection that stays open.
  @inline(__always) borrowing func sampleLocalityInTurn(_ descriptor: Int32) {
    if _slowPath(transactions.current % Self.localityInterval == 0) { sampleLocality(descriptor) }
  }

  @inline(never) private borrowing func sampleLocality(_ descriptor: Int32) {
    guard cpu >= 0 else { return }
    var packetCPU: Int32 = -1
    var length = socklen_t(4)
    let code = unsafe getsockopt(
      descriptor, SOL_SOCKET, Int32(RXTUNE_SO_INCOMING_CPU), &packetCPU, &length)
    guard code == 0, packetCPU >= 0 else { return }
    localitySampled.add()
    if packetCPU == cpu { localityMatched.add() }
  }

  /// After a failed accept(2): nothing there, or a shortage that no retry in haste will mend.
  @inline(never) borrowing func acceptFailed(_ code: Int32) {
    switch code {
    case EAGAIN: emptyWakeUps.add()
    case EINTR, ECONNABORTED: break
    default:
      refused.add()
      usleep(1000)
    }
  }

  enum Served {
    /// The connection waits for the client.
    case waiting
    /// It waits for room to send.
    case blocked
    case closed
  }

  /// Reads what has come on a connection, and answers once the request is complete.
  @inline(__always) borrowing func serve(_ descriptor: Int32) -> Served {
    let got = unsafe recv(descriptor, request, requestBytes, 0)
    let connection = unsafe connections + Int(descriptor)
    if _fastPath(unsafe got == requestBytes && connection.pointee.received == 0) {
      unsafe head.storeBytes(of: request.load(as: UInt64.self), as: UInt64.self)
      let put = unsafe send(descriptor, response, responseBytes, sendFlags)
      if _fastPath(put == responseBytes) { return answered(descriptor) }
      unsafe connection.pointee.head = request.load(as: UInt64.self)
      return sentShort(descriptor, put)
    }
    return servePart(descriptor, got)
  }

  @inline(__always) borrowing func answered(_ descriptor: Int32) -> Served {
    transactions.add()
    if serverCloses {
      drop(descriptor)
      return .closed
    }
    sampleLocalityInTurn(descriptor)
    return .waiting
  }

  @inline(__always) borrowing func drop(_ descriptor: Int32) {
    // Before close(2): after it the number may be another worker's connection.
    unsafe connections[Int(descriptor)].isOpen = false
    close(descriptor)
  }

  /// A request in pieces, its end, or an error.
  @inline(never) borrowing func servePart(_ descriptor: Int32, _ got: Int) -> Served {
    let connection = unsafe connections + Int(descriptor)
    guard got > 0 else {
      if got < 0 && (errno == EAGAIN || errno == EINTR) { return .waiting }
      if unsafe connection.pointee.received > 0 || (got < 0 && serverCloses) { broken.add() }
      drop(descriptor)
      return .closed
    }
    let before = Int(unsafe connection.pointee.received)
    for index in 0..<max(0, min(got, Exchange.headBytes - before)) {
      let byte = UInt64(unsafe request.load(fromByteOffset: index, as: UInt8.self))
      unsafe connection.pointee.head |= byte << UInt64(8 * (before + index))
    }
    let total = before + got
    if total < requestBytes {
      unsafe connection.pointee.received = UInt32(clamping: total)
      return .waiting
    }
    // A client that sends more than a request before its response breaks the exchange.
    guard total == requestBytes else {
      broken.add()
      drop(descriptor)
      return .closed
    }
    unsafe head.storeBytes(of: connection.pointee.head, as: UInt64.self)
    let put = unsafe send(descriptor, response, responseBytes, sendFlags)
    if put == responseBytes {
      unsafe connection.pointee = Connection(isOpen: true)
      return answered(descriptor)
    }
    return sentShort(descriptor, put)
  }

  /// The socket's buffer took a part of the response.
  @inline(never) borrowing func sentShort(_ descriptor: Int32, _ put: Int) -> Served {
    if put < 0 && errno != EAGAIN {
      broken.add()
      drop(descriptor)
      return .closed
    }
    unsafe connections[Int(descriptor)].sent = UInt32(clamping: max(0, put))
    return .blocked
  }

  /// Sends the rest of a response.
  @inline(never) borrowing func resume(_ descriptor: Int32) -> Served {
    let connection = unsafe connections + Int(descriptor)
    let sent = Int(unsafe connection.pointee.sent)
    unsafe head.storeBytes(of: connection.pointee.head, as: UInt64.self)
    let put = unsafe send(
      descriptor, response + sent, responseBytes - sent, sendFlags)
    if put == responseBytes - sent {
      unsafe connection.pointee = Connection(isOpen: true)
      return answered(descriptor)
    }
    if put < 0 && errno == EAGAIN { return .blocked }
    return sentShort(descriptor, put < 0 ? put : sent + put)
  }
}
