import CKernel
import Glibc

/// The loop of the workers that wait in epoll_wait(2); what differs between modes is which
/// listener is in whose epoll, and how.
enum EpollLoop {
  /// EPOLLIN and its like import as an enum of C.
  static let readable = EPOLLIN.rawValue
  static let writable = EPOLLOUT.rawValue

  static func watch(_ epoll: Int32, _ descriptor: Int32, _ events: UInt32, token: UInt64)
    throws(BenchError)
  {
    guard add(epoll, descriptor, events, token: token) == 0 else {
      throw BenchError.last("epoll_ctl")
    }
  }

  @inline(__always) static func add(
    _ epoll: Int32, _ descriptor: Int32, _ events: UInt32, token: UInt64
  ) -> Int32 {
    var event = unsafe epoll_event(events: events, data: epoll_data(u64: token))
    return unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event)
  }

  static func modify(_ epoll: Int32, _ descriptor: Int32, _ events: UInt32) {
    var event = unsafe epoll_event(
      events: events, data: epoll_data(u64: UInt64(UInt32(bitPattern: descriptor))))
    _ = unsafe epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event)
  }

  static func run(_ worker: borrowing Worker) {
    while true {
      let count = unsafe epoll_wait(worker.epoll, worker.events, Worker.eventCount, -1)
      if _slowPath(count < 0) {
        if errno == EINTR { continue }
        return
      }
      worker.wakeUps.add()
      var index = 0
      while index < Int(count) {
        let token = unsafe worker.events[index].data.u64
        if token < Worker.stopToken {
          ready(worker, Int32(truncatingIfNeeded: token), unsafe worker.events[index].events)
        } else if token == Worker.listenerToken {
          accept(worker)
        } else {
          return
        }
        index &+= 1
      }
    }
  }

  /// One connection a wake-up, as nginx does without multi_accept: the others get theirs.
  @inline(__always) private static func accept(_ worker: borrowing Worker) {
    let descriptor = accept4(
      worker.listener, nil, nil, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
    guard _fastPath(descriptor >= 0) else {
      worker.acceptFailed(errno)
      return
    }
    guard worker.admit(descriptor) else { return }
    // Under load the request is there already: no need to ask epoll for it.
    let served = worker.serve(descriptor)
    if served == .closed { return }
    let events = served == .blocked ? readable | writable : readable
    if add(worker.epoll, descriptor, events, token: UInt64(UInt32(bitPattern: descriptor))) != 0 {
      worker.broken.add()
      worker.drop(descriptor)
    }
  }

  @inline(__always) private static func ready(
    _ worker: borrowing Worker, _ descriptor: Int32, _ events: UInt32
  ) {
    if _slowPath(events & writable != 0) {
      let served = worker.resume(descriptor)
      if served == .waiting { modify(worker.epoll, descriptor, readable) }
      return
    }
    let served = worker.serve(descriptor)
    if _slowPath(served == .blocked) { modify(worker.epoll, descriptor, readable | writable) }
  }
}
