/// How the workers of a server share what arrives at one port.
///
/// The order is the report's, from one thread accepting to one socket a worker; help, completions
/// and documentation follow it.
package enum ListenerMode: String, CaseIterable, Codable, Sendable {
  case acceptor
  case sharedAccept = "shared-accept"
  case sharedEpoll = "shared-epoll"
  case sharedExclusive = "shared-exclusive"
  case reuseport
  case reuseportCPU = "reuseport-cpu"
  case reuseportNUMA = "reuseport-numa"
  case uring

  package var abstract: String {
    switch self {
    case .acceptor: "one thread accepts and hands connections to the workers in turn"
    case .sharedAccept: "workers block in accept (UDP: in recvfrom) on one socket"
    case .sharedEpoll: "one socket in every worker's epoll: all of them wake"
    case .sharedExclusive: "one socket in every worker's epoll, EPOLLEXCLUSIVE: one of them wakes"
    case .reuseport: "a SO_REUSEPORT socket a worker; the kernel's keyed hash chooses"
    case .reuseportCPU: "SO_REUSEPORT with classic BPF: the CPU that took the packet chooses"
    case .reuseportNUMA: "SO_REUSEPORT with extended BPF: a socket of the packet's NUMA node"
    case .uring: "a SO_REUSEPORT socket a worker, multishot accept through io_uring"
    }
  }

  package func serves(_ workload: Workload) -> Bool {
    switch (self, workload) {
    case (_, .crr), (_, .rr): true
    case (.sharedAccept, .udpRR), (.reuseport, .udpRR), (.reuseportCPU, .udpRR),
      (.reuseportNUMA, .udpRR):
      true
    default: false
    }
  }

  /// A socket for each worker, in a SO_REUSEPORT group; else one for all.
  package var isGroup: Bool {
    switch self {
    case .acceptor, .sharedAccept, .sharedEpoll, .sharedExclusive: false
    case .reuseport, .reuseportCPU, .reuseportNUMA, .uring: true
    }
  }

  /// Has each worker a listener that can be taken from its epoll and shut down?
  package func hasListenerToClose(_ workload: Workload) -> Bool {
    isGroup && self != .uring && workload.isStream
  }

  /// Worker and packet meet on one CPU by construction, so long as workers are pinned.
  package var needsPinnedWorkers: Bool { self == .reuseportCPU || self == .reuseportNUMA }
}
