import Histogram

/// How often each latency came, in the buckets of an HdrHistogram of three digits.
///
/// A load thread's own: `Histogram.record` copies the whole histogram's fields and asks for the
/// uniqueness of its array, a hundred instructions for each transaction. Everything that is read
/// out of a distribution is left to the library.
@safe struct LatencyCounts: ~Copyable {
  private let counts: UnsafeMutablePointer<UInt64>

  /// Nanoseconds up to an hour, and a little more: the last bucket's end.
  static let emptyHistogram = Histogram<UInt64>(
    lowestDiscernibleValue: 1, highestTrackableValue: 3_600_000_000_000,
    numberOfSignificantValueDigits: .three)
  static let end: UInt64 = 1 << 42

  /// Values below 2¹¹ have a bucket each; above, 2¹⁰ buckets share each power of two.
  private static let halfBits = 10
  private static let bucketCount = bucket(of: end &- 1) + 1

  @inline(__always) private static func bucket(of value: UInt64) -> Int {
    let shift = (63 &- halfBits) &- (value | (2 << UInt64(halfBits) &- 1)).leadingZeroBitCount
    return Int(truncatingIfNeeded: value &>> UInt64(shift)) &+ shift &<< halfBits
  }

  /// The least value of a bucket.
  private static func value(of bucket: Int) -> UInt64 {
    let shift = max(0, bucket >> halfBits - 1)
    return UInt64(bucket - shift << halfBits) << UInt64(shift)
  }

  init() {
    unsafe counts = .allocate(capacity: Self.bucketCount)
    unsafe counts.initialize(repeating: 0, count: Self.bucketCount)
  }

  deinit { unsafe counts.deallocate() }

  /// false where the value is beyond the last bucket.
  @inline(__always) func record(_ value: UInt64) -> Bool {
    guard _fastPath(value < Self.end) else { return false }
    unsafe counts[Self.bucket(of: value)] &+= 1
    return true
  }

  func add(to histogram: inout Histogram<UInt64>) {
    for bucket in 0..<Self.bucketCount {
      let count = unsafe counts[bucket]
      if count > 0 { histogram.record(Self.value(of: bucket), count: count) }
    }
  }
}
