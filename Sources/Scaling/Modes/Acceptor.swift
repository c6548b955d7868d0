import CKernel
import Glibc

/// `acceptor`: one thread takes every connection and puts it into a worker's epoll, in turn.
///
/// memcached and Netty do so. The listener has no contention and no herd; each connection costs a
/// wake-up on another CPU, and one thread's accept rate is the whole server's.
extension ListenerMode {
  static let acceptor = ListenerMode(
    "acceptor", "one thread accepts and hands connections to the workers in turn",
    sockets: .shared, crr: handingOver, rr: handingOver)

  private static let handingOver = Service(epoll: .connections) { crew in
    let ring = WorkerRing(crew.workers)
    // The accepting thread shares the first worker's CPU.
    return crew.workers.indices.map { WorkerThread(worker: $0, run: EpollLoop.run) } + [
      WorkerThread(worker: 0) { worker in
        Acceptor.accept(worker.listener, worker.stopEvent, ring)
        ring.deallocate()
      }
    ]
  }
}

enum Acceptor {
  static func accept(_ listener: Int32, _ stopEvent: Int32, _ workers: WorkerRing) {
    // A tuple: an array would be counted.
    var waits = (
      pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
      pollfd(fd: stopEvent, events: Int16(POLLIN), revents: 0)
    )
    var workers = workers
    while true {
      let ready = unsafe withUnsafeMutablePointer(to: &waits) { waits in
        unsafe waits.withMemoryRebound(to: pollfd.self, capacity: 2) { unsafe poll($0, 2, -1) }
      }
      if (ready < 0 && errno != EINTR) || waits.1.revents != 0 { return }
      // Until the queue is empty, or the one asking to stop would wait behind a busy listener.
      for _ in 0..<64 {
        let descriptor = accept4(
          listener, nil, nil, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
        if descriptor < 0 {
          // An empty queue ends each batch here: nobody was woken for nothing.
          if errno != EAGAIN { unsafe workers.current.pointee.acceptFailed(errno) }
          break
        }
        unsafe handOver(descriptor, to: workers.current.pointee)
        workers.advance()
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

/// Workers in turn, by their addresses: nothing is retained to look at the next.
@safe struct WorkerRing: @unchecked Sendable {
  private let workers: UnsafeMutablePointer<UnsafeMutablePointer<Worker>>
  private let count: Int
  private var next = 0

  /// The memories must outlive the ring, which the server that owns both sees to.
  init(_ memories: [WorkerMemory<Worker>]) {
    unsafe workers = .allocate(capacity: memories.count)
    count = memories.count
    for (index, memory) in memories.enumerated() {
      unsafe (workers + index).initialize(to: memory.worker)
    }
  }

  func deallocate() { unsafe workers.deallocate() }

  @inline(__always) var current: UnsafeMutablePointer<Worker> { unsafe workers[next] }

  @inline(__always) mutating func advance() { next = next &+ 1 == count ? 0 : next &+ 1 }
}
