/// What the kernel did for transactions, counted and not timed: each event that is counted costs
/// time of its own.
package struct TransactionCounts: Codable, Hashable, Sendable {
  package struct Call: Codable, Hashable, Sendable {
    /// "accept4"; "system call 123" of one that servers hardly make.
    package var name: String
    package var count: UInt64
  }

  /// Objects from the slab.
  package struct Allocations: Codable, Hashable, Sendable {
    /// kmem_cache_alloc(): of one type.
    package var cache: UInt64 = 0
    /// kmalloc(): of one size.
    package var sized: UInt64 = 0

    package var sum: UInt64 { cache &+ sized }
  }

  package struct End: Codable, Hashable, Sendable {
    /// Most frequent first.
    package var calls: [Call] = []
    /// While its tasks ran, softirqs that interrupted them included.
    package var allocations = Allocations()
    /// That its end of the link sent; nil where nobody tells.
    package var packets: UInt64?
  }

  /// Done while it was counted.
  package var transactions: UInt64 = 0
  package var server = End()
  package var load = End()
  /// Those while no task ran, or a thread of the kernel's: softirqs of either end's.
  package var kernelAllocations = Allocations()

  package init() {}

  /// Both ends' and the kernel's own.
  package var allocations: UInt64 {
    server.allocations.sum &+ load.allocations.sum &+ kernelAllocations.sum
  }

  package var packets: UInt64? {
    guard let ours = server.packets, let theirs = load.packets else { return nil }
    return ours &+ theirs
  }

  /// A transaction; nil where none was done.
  package func each(_ count: UInt64?) -> Double? {
    guard transactions > 0, let count else { return nil }
    return Double(count) / Double(transactions)
  }
}

extension TransactionCounts.End {
  package var callCount: UInt64 { calls.reduce(0) { $0 &+ $1.count } }
}
