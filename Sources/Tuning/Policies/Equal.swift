import Knobs

extension Policy {
  /// The same share for each queue.
  static let equal = Policy(
    "equal", "the same share for each queue",
    Use(suits: { $0 == .rpsFlowCount }) { basis in
      let queues = basis.placement.rxQueues
      guard queues > 0, let entries = basis.flowEntries() else { return nil }
      return .number(entries / Int64(queues))
    },
    // Over all queues is what a driver does by itself, and what it keeps doing as they change.
    Use(suits: { $0 == .rssIndirection }) { _ in .table(.driver) })
}
