import CKernel

/// `shared-exclusive`: as `shared-epoll`, with EPOLLEXCLUSIVE (Linux 4.5): one sleeper is woken,
/// the one that came last, so that under light load one worker does all (epoll_ctl(2)).
enum SharedExclusive {
  static func prepare(_ worker: borrowing Worker) throws(BenchError) {
    try EpollLoop.watch(
      worker.epoll, worker.listener, EpollLoop.readable | EPOLLEXCLUSIVE.rawValue,
      token: Worker.listenerToken)
  }
}
