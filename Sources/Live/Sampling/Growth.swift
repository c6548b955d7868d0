/// What counters grew by from one reading to the next; nil where that cannot be told.
package enum Growth {
  /// A counter of 64 bits. One that went back counts for something made anew: a queue after a change
  /// of channels, a device after a reset.
  package static func of(_ later: UInt64?, since earlier: UInt64?) -> UInt64? {
    guard let later, let earlier, later >= earlier else { return nil }
    return later - earlier
  }

  /// A counter of 32 bits that wraps, as those of /proc/net/softnet_stat and /proc/interrupts. Nothing
  /// grows by more than half of that between two looks: it went back.
  package static func of(_ later: UInt32?, since earlier: UInt32?) -> UInt64? {
    guard let later, let earlier else { return nil }
    let difference = later &- earlier
    return difference <= UInt32(Int32.max) ? UInt64(difference) : nil
  }
}
