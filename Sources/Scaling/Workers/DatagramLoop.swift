import CKernel
import Glibc

/// The UDP worker: blocks in recvfrom(2) on its socket, or on the one that all share, and answers
/// the sender.
///
/// Which CPU took a datagram cannot be told: the kernel keeps SO_INCOMING_CPU of connected UDP
/// sockets alone.
enum DatagramLoop {
  static func run(_ worker: borrowing Worker) {
    var address = sockaddr_storage()
    unsafe withUnsafeMutablePointer(to: &address) { pointer in
      let sender = unsafe UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: sockaddr.self)
      while !worker.shouldStop {
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let got = unsafe recvfrom(
          worker.listener, worker.request, worker.requestBytes, Int32(MSG_TRUNC), sender,
          &length)
        // SO_RCVTIMEO ran out, or a client's port was closed: look whether to stop.
        guard got == worker.requestBytes else {
          if got >= 0 { worker.broken.add() }
          continue
        }
        worker.wakeUps.add()
        unsafe worker.response.storeBytes(
          of: worker.request.load(as: UInt64.self), as: UInt64.self)
        let put = unsafe sendto(
          worker.listener, worker.response, worker.responseBytes, 0, sender, length)
        guard put == worker.responseBytes else {
          worker.broken.add()
          continue
        }
        worker.transactions.add()
      }
    }
  }

  /// `receive`: nothing is answered.
  static func count(_ worker: borrowing Worker) {
    while !worker.shouldStop { take(worker, Int32(MSG_TRUNC)) }
    // What came before the end is counted; a sender that goes on is not waited for.
    var left = 1 << 16
    while left > 0 && take(worker, Int32(MSG_TRUNC) | Int32(MSG_DONTWAIT)) { left &-= 1 }
  }

  /// false where nothing came.
  @discardableResult @inline(__always)
  private static func take(_ worker: borrowing Worker, _ flags: Int32) -> Bool {
    let got = unsafe recv(worker.listener, worker.request, worker.requestBytes, flags)
    guard got == worker.requestBytes else {
      if got >= 0 { worker.broken.add() }
      return got >= 0
    }
    worker.wakeUps.add()
    worker.transactions.add()
    return true
  }
}
