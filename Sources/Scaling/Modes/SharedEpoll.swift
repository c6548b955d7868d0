extension ListenerMode {
  /// One listener in every worker's epoll. A new connection wakes all that sleep; one of them gets
  /// it, the others find nothing (`emptyWakeUps`): the thundering herd.
  static let sharedEpoll = ListenerMode(
    "shared-epoll", "one socket in every worker's epoll: all of them wake",
    sockets: .shared, crr: waking, rr: waking)

  private static let waking = Service.epoll(listener: EpollLoop.readable)
}
