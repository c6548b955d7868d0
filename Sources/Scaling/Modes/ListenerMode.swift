/// How the workers of a server share what arrives at one port: one value, which servers, options,
/// help, reports and charts follow.
package struct ListenerMode: Sendable {
  /// As options and results name it.
  package let name: String
  /// One line, no full stop.
  package let abstract: String
  let sockets: Sockets
  private let crr: Service?
  private let rr: Service?
  private let udpRR: Service?
  private let receive: Service?

  /// The order is the report's, from one thread accepting to one socket a worker.
  package static let all = [
    acceptor, sharedAccept, sharedEpoll, sharedExclusive, reuseport, reuseportCPU, reuseportNUMA,
    uring,
  ]

  /// All that the kernel's sockets can do, with what is measured beside packet backends alone.
  package static let kernel = all + [reuseportFIN]

  /// Those of which there can be results.
  package static let known = kernel + packets

  /// What `bench bypass` measures, the baseline first.
  package static let bypass = [reuseport, reuseportFIN, uring] + packets

  /// - Parameters: a service for each workload that it serves.
  init(
    _ name: String, _ abstract: String, sockets: Sockets, crr: Service? = nil, rr: Service? = nil,
    udpRR: Service? = nil, receive: Service? = nil
  ) {
    self.name = name
    self.abstract = abstract
    self.sockets = sockets
    self.crr = crr
    self.rr = rr
    self.udpRR = udpRR
    self.receive = receive
  }

  package static func named(_ name: String) -> ListenerMode? { known.first { $0.name == name } }

  /// nil where it does not serve that.
  func service(_ workload: Workload) -> Service? {
    switch workload {
    case .crr: crr
    case .rr: rr
    case .udpRR: udpRR
    case .receive: receive
    }
  }

  package func serves(_ workload: Workload) -> Bool {
    backend?.serves(workload) ?? (service(workload) != nil)
  }

  package static func serving(_ workload: Workload) -> [ListenerMode] {
    all.filter { $0.serves(workload) }
  }

  /// A socket for each worker, in a SO_REUSEPORT group; else one for all.
  var isGroup: Bool { if case .perWorker = sockets { true } else { false } }

  var steering: Steering? {
    if case .perWorker(let steering) = sockets { steering } else { nil }
  }

  /// Worker and packet meet on one CPU by construction, so long as workers are pinned.
  package var needsPinnedWorkers: Bool { steering != nil }

  /// Several workers accept from one listener.
  func sharesListener(_ workload: Workload) -> Bool {
    !isGroup && (service(workload)?.blocks == true || wakesEpolls(workload))
  }

  /// Workers' epolls sleep on the listener: each connection that joins its queue takes the lock of
  /// its sleepers, and nothing else does.
  func wakesEpolls(_ workload: Workload) -> Bool {
    if case .listener = service(workload)?.epoll { true } else { false }
  }

  /// Has each worker a listener that can be taken from its epoll and shut down?
  package func hasListenerToClose(_ workload: Workload) -> Bool {
    if isGroup, case .listener = service(workload)?.epoll { true } else { false }
  }
}

extension ListenerMode: NamedValue {
  package static let kind = "listener mode"
}
