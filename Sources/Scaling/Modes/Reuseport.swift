import CKernel

/// `reuseport`: a SO_REUSEPORT socket for each worker (Linux 3.9). A hash of addresses and ports,
/// keyed at boot, picks the socket at SYN: no contention, and no regard for who is busy
/// (socket(7)).
enum Reuseport {
  static func prepare(_ worker: borrowing Worker) throws(BenchError) {
    try EpollLoop.watch(
      worker.epoll, worker.listener, EpollLoop.readable, token: Worker.listenerToken)
  }
}
