import Synchronization

/// A count that one thread keeps and others may read: no locked instruction.
struct Counter: ~Copyable {
  private let value = Atomic<UInt64>(0)

  @inline(__always) borrowing func add(_ count: UInt64 = 1) {
    value.store(value.load(ordering: .relaxed) &+ count, ordering: .relaxed)
  }

  @inline(__always) var current: UInt64 { value.load(ordering: .relaxed) }
}
