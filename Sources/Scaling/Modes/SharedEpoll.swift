import CKernel

/// `shared-epoll`: one listener in every worker's epoll. A new connection wakes all that sleep;
/// one of them gets it, the others find nothing (`emptyWakeUps`): the thundering herd.
enum SharedEpoll {
  static func prepare(_ worker: borrowing Worker) throws(BenchError) {
    try EpollLoop.watch(
      worker.epoll, worker.listener, EpollLoop.readable, token: Worker.listenerToken)
  }
}
