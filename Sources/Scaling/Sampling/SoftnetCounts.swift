package import ReceivePath

/// The sums over all CPUs of `/proc/net/softnet_stat` that tell of trouble; u32 that wrap.
package struct SoftnetCounts: Codable, Hashable, Sendable {
  package var dropped: UInt32 = 0
  package var squeezed: UInt32 = 0

  package init() {}

  package init(_ stat: SoftnetStat) {
    for row in stat.rows {
      dropped &+= row.dropped
      squeezed &+= row.timeSqueeze
    }
  }

  package static func - (later: Self, earlier: Self) -> Self {
    var difference = later
    difference.dropped &-= earlier.dropped
    difference.squeezed &-= earlier.squeezed
    return difference
  }
}
