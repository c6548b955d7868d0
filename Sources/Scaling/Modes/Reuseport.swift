extension ListenerMode {
  /// A SO_REUSEPORT socket for each worker (Linux 3.9). A hash of addresses and ports, keyed at
  /// boot, picks the socket at SYN: no contention, and no regard for who is busy (socket(7)).
  package static let reuseport = ListenerMode(
    "reuseport", "a SO_REUSEPORT socket a worker; the kernel's keyed hash chooses",
    sockets: .perWorker(), crr: acceptingAlone, rr: acceptingAlone, udpRR: .datagrams,
    receive: .arrivals)

  /// With a listener of its own in each worker's epoll.
  static let acceptingAlone = Service.epoll(listener: EpollLoop.readable)
}
