/// Of a mode's run of its own, traced and kept out of all other figures.
package protocol TracedRecord {
  var mode: ListenerMode { get }
  var workers: Int { get }
}

/// What a run of its own, traced and kept out of all other figures, waited for spinning locks.
package struct LockRecord: TracedRecord, Codable, Hashable, Sendable {
  package var mode: ListenerMode
  package var workers: Int
  package var transactions: UInt64
  package var wait: LockWait
  /// nil without a shared listener that workers accept from, where the kernel does not tell of its
  /// locks, and in results of before that was told.
  package var listener: ListenerLocks?

  /// µs a transaction; nil where none was done.
  package func microseconds(_ part: (LockWait) -> UInt64) -> Double? {
    transactions > 0 ? Double(part(wait)) / 1000 / Double(transactions) : nil
  }
}
