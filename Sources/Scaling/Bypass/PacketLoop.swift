import CKernel
import Glibc
import Synchronization

/// The loop of a packet server's thread: a burst from each of its ports, the answers to it, and sleep
/// where none brought anything.
enum PacketLoop {
  /// A busy thread looks now and then whether its device is still there.
  private static let roundsBetweenLooks: UInt32 = 4096
  private static let milliseconds: Int32 = 100

  static func run(_ worker: borrowing PacketWorker) {
    var idle: UInt32 = 0
    while !worker.shouldStop {
      if serveAll(worker) > 0 {
        idle = 0
        continue
      }
      idle &+= 1
      if worker.isBusy && idle % roundsBetweenLooks != 0 { continue }
      guard rest(worker) else { return }
    }
    // What came before the end is served; a sender that goes on is not waited for.
    var left: UInt32 = 1024
    while left > 0 && serveAll(worker) > 0 { left &-= 1 }
  }

  /// A burst from each port.
  ///
  /// - Returns: how many packets came.
  @inline(__always) private static func serveAll(_ worker: borrowing PacketWorker) -> UInt32 {
    var received: UInt32 = 0
    var index = 0
    while index < worker.portCount {
      if let port = unsafe worker.ports[index] { received &+= unsafe serve(worker, port) }
      index &+= 1
    }
    return received
  }

  /// false where a port has come to its end.
  private static func rest(_ worker: borrowing PacketWorker) -> Bool {
    let sleeps = !worker.isBusy && !worker.sleepsInReceive
    let code = unsafe rxtune_packets_wait(
      worker.ports, UInt32(clamping: worker.portCount), sleeps ? milliseconds : 0)
    guard code == 0 else {
      worker.failure.store(code, ordering: .relaxed)
      eventfd_write(worker.failedEvent, 1)
      return false
    }
    if sleeps { worker.wakeUps.add() }
    return true
  }

  /// - Returns: how many packets came.
  @inline(__always) private static func serve(
    _ worker: borrowing PacketWorker, _ port: UnsafeMutablePointer<rxtune_packet_port>
  ) -> UInt32 {
    let requests = unsafe worker.requests
    let count = unsafe rxtune_packets_receive(port, requests, PacketWorker.burst)
    guard count > 0 else {
      // What the device had no room for.
      unsafe rxtune_packets_flush(port)
      return 0
    }
    worker.bursts.add()
    worker.received.add(UInt64(count))
    let replies = unsafe worker.replies
    let room = worker.answers ? unsafe rxtune_packets_reserve(port, replies, count) : 0
    var filled: UInt32 = 0
    var valid: UInt32 = 0
    var foreign: UInt32 = 0
    var index = 0
    while index < Int(count) {
      let request = unsafe requests[index]
      index &+= 1
      var length = unsafe Int(request.length)
      if worker.takesFrames {
        let frame = unsafe UnsafeRawBufferPointer(start: request.data, count: length)
        switch unsafe UDPFrame.content(frame, to: worker.endpoint) {
        case .datagram(let bytes): length = bytes
        case .foreign:
          foreign &+= 1
          continue
        case .damaged: continue
        }
      }
      guard length == worker.requestBytes else { continue }
      valid &+= 1
      guard filled < room else { continue }
      let reply = unsafe replies + Int(filled)
      unsafe answer(worker, request, reply)
      filled &+= 1
    }
    if worker.answers {
      unsafe rxtune_packets_commit(port, replies, filled)
      unsafe rxtune_packets_flush(port)
      worker.transactions.add(UInt64(filled))
      if _slowPath(filled < valid) { worker.unanswered.add(UInt64(valid &- filled)) }
    } else {
      worker.transactions.add(UInt64(valid))
    }
    if _slowPath(valid < count) {
      worker.foreign.add(UInt64(foreign))
      worker.damaged.add(UInt64(count &- valid &- foreign))
    }
    unsafe rxtune_packets_release(port, requests, count)
    return count
  }

  @inline(__always) private static func answer(
    _ worker: borrowing PacketWorker, _ request: rxtune_packet,
    _ reply: UnsafeMutablePointer<rxtune_packet>
  ) {
    guard let from = unsafe request.data, let to = unsafe reply.pointee.data else { return }
    let target = UnsafeMutableRawPointer(to)
    let source = UnsafeRawPointer(from)
    unsafe target.copyMemory(from: worker.template, byteCount: worker.answerBytes)
    if worker.takesFrames {
      unsafe UDPFrame.complete(target, to: source, partialSum: worker.partialSum)
    }
    let number = unsafe source.loadUnaligned(
      fromByteOffset: worker.headerBytes, as: UInt64.self)
    unsafe target.storeBytes(of: number, toByteOffset: worker.headerBytes, as: UInt64.self)
    unsafe reply.pointee.length = UInt32(truncatingIfNeeded: worker.answerBytes)
    unsafe reply.pointee.place = request.place
  }
}
