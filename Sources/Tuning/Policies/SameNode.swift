import Knobs

extension Policy {
  /// The CPUs of the node that the queue's vector is on.
  static let sameNode = Policy(
    "same-node", "all CPUs of the NUMA node that takes the queue's interrupt", width: .queueNode,
    .queues(.rpsCPUs, unknown: oneNode) { $0.usableNode(of: $1) },
    .xps(unknown: oneNode) { placement, queue in
      let locality = placement.locality
      return placement.homes[queue].map { locality.nodes(of: $0).intersection(locality.online) }
        ?? locality.online
    })

  @Sendable private static func oneNode(_ placement: Placement, _ queue: Int) -> String? {
    if let unknown = placement.unknown(of: [queue]) { return unknown }
    guard let home = placement.homes[queue],
      placement.locality.nodes.count(where: { !$0.intersection(home).isEmpty }) > 1
    else { return nil }
    return "rx-\(queue) may be handled on several nodes (CPUs \(home.list))"
  }
}
