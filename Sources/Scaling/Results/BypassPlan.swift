extension SweepPlan {
  /// What `bench bypass` adds to a plan.
  package struct Bypass: Codable, Hashable, Sendable {
    /// What everything else is held against: epoll over TCP, recvfrom(2) over UDP.
    package static let baseline = ListenerMode.reuseport

    /// What packet backends do while no packet comes.
    package var wait: PacketWait
    /// Where XDP takes packets, and whether the next mode is tried where that is refused; nil in results
    /// of before that could be chosen.
    package var attach: XDPAttach?
    package var fallsBack: Bool?
    /// Receive queues of the server's device; nil for one.
    package var queues: Int?
    /// Wanted, and without a service for the workload.
    package var leftOut: [ListenerMode]

    package init(
      wait: PacketWait = .poll, attach: XDPAttach = .native, fallsBack: Bool = false,
      queues: Int? = nil, leftOut: [ListenerMode] = []
    ) {
      self.wait = wait
      self.attach = attach
      self.fallsBack = fallsBack
      self.queues = queues
      self.leftOut = leftOut
    }
  }
}
