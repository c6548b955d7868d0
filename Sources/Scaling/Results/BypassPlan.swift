extension SweepPlan {
  /// What `bench bypass` adds to a plan.
  package struct Bypass: Codable, Hashable, Sendable {
    /// What everything else is held against: epoll over TCP, recvfrom(2) over UDP.
    package static let baseline = ListenerMode.reuseport

    /// What packet backends do while no packet comes.
    package var wait: PacketWait
    /// Wanted, and without a service for the workload.
    package var leftOut: [ListenerMode]

    package init(wait: PacketWait = .poll, leftOut: [ListenerMode] = []) {
      self.wait = wait
      self.leftOut = leftOut
    }
  }
}
