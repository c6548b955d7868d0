import CKernel
import Glibc

extension ListenerMode {
  /// As `sharedEpoll`, with EPOLLEXCLUSIVE (Linux 4.5): one sleeper is woken, the one that came
  /// last, so that under light load one worker does all (epoll_ctl(2)).
  static let sharedExclusive = ListenerMode(
    "shared-exclusive", "one socket in every worker's epoll, EPOLLEXCLUSIVE: one of them wakes",
    sockets: .shared, crr: wakingOne, rr: wakingOne)

  private static let wakingOne = Service.epoll(
    listener: EpollLoop.readable | EPOLLEXCLUSIVE.rawValue)
}
