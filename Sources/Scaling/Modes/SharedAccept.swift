import CKernel
import Glibc

/// `shared-accept`: every worker blocks in accept(2) on one socket; the kernel wakes the one that
/// has waited longest.
///
/// With `crr` a worker serves what it accepted to the end before it accepts again, as Apache's
/// prefork does. With `rr` connections stay: a second thread of each worker blocks in accept and
/// feeds the worker's epoll.
extension ListenerMode {
  static let sharedAccept = ListenerMode(
    "shared-accept", "workers block in accept (UDP: in recvfrom) on one socket",
    sockets: .shared,
    crr: Service(blocks: true, loops: SharedAccept.runInline),
    rr: Service(epoll: .connections, blocks: true, loops: EpollLoop.run, SharedAccept.feed),
    udpRR: .datagrams, receive: .arrivals)
}

enum SharedAccept {
  static func runInline(_ worker: borrowing Worker) {
    while !worker.shouldStop {
      let descriptor = accept4(worker.listener, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
      if _slowPath(descriptor < 0) {
        // The listener's SO_RCVTIMEO ran out: time to look whether to stop.
        if errno != EAGAIN { worker.acceptFailed(errno) }
        continue
      }
      worker.wakeUps.add()
      guard worker.admit(descriptor) else { continue }
      // The accepted socket blocks, for as long as the inherited SO_RCVTIMEO allows.
      while worker.serve(descriptor) != .closed && !worker.shouldStop {}
    }
  }

  static func feed(_ worker: borrowing Worker) {
    while !worker.shouldStop {
      let descriptor = accept4(
        worker.listener, nil, nil, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
      if descriptor < 0 {
        if errno != EAGAIN { worker.acceptFailed(errno) }
        continue
      }
      guard worker.admit(descriptor) else { continue }
      let token = UInt64(UInt32(bitPattern: descriptor))
      if EpollLoop.add(worker.epoll, descriptor, EpollLoop.readable, token: token) != 0 {
        worker.broken.add()
        worker.drop(descriptor)
      }
    }
  }
}
