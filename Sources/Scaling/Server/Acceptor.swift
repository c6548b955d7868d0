import CKernel
import Glibc

/// `acceptor`: one thread takes every connection and puts it into a worker's epoll, in turn.
///
/// memcached and Netty do so. The listener has no contention and no herd; each connection costs a
/// wake-up on another CPU, and one thread's accept rate is the whole server's.
enum Acceptor {
  static let runWorker = EpollLoop.run

  /// The accepting thread; it shares the first worker's CPU.
  static func accept(
    _ listener: Int32, _ stopEvent: Int32, _ workers: [WorkerMemory]
  ) {
    var waits = [
      pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
      pollfd(fd: stopEvent, events: Int16(POLLIN), revents: 0),
    ]
    var next = 0
    while unsafe poll(&waits, 2, -1) >= 0 || errno == EINTR {
      if waits[1].revents != 0 { return }
      // Until the queue is empty, or the one asking to stop would wait behind a busy listener.
      for _ in 0..<64 {
        let descriptor = accept4(
          listener, nil, nil, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
        if descriptor < 0 {
          // An empty queue ends each batch here: nobody was woken for nothing.
          if errno != EAGAIN { workers[next].access { $0.acceptFailed(errno) } }
          break
        }
        workers[next].access { handOver(descriptor, to: $0) }
        next = next + 1 == workers.count ? 0 : next + 1
      }
    }
  }

  private static func handOver(_ descriptor: Int32, to worker: borrowing Worker) {
    guard worker.admit(descriptor) else { return }
    let token = UInt64(UInt32(bitPattern: descriptor))
    if EpollLoop.add(worker.epoll, descriptor, EpollLoop.readable, token: token) != 0 {
      worker.broken.add()
      worker.drop(descriptor)
    }
  }
}
