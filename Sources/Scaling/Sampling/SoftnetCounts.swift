/// The sums over all CPUs of `/proc/net/softnet_stat` that tell of trouble; u32 that wrap.
package struct SoftnetCounts: Codable, Hashable, Sendable {
  package var dropped: UInt32 = 0
  package var squeezed: UInt32 = 0

  package init() {}

  /// Hexadecimal columns: processed, dropped, time_squeeze, …
  package init(parsing text: String) {
    for line in text.split(separator: "\n") {
      let columns = line.split(separator: " ").prefix(3).map { UInt32($0, radix: 16) ?? 0 }
      guard columns.count == 3 else { continue }
      dropped &+= columns[1]
      squeezed &+= columns[2]
    }
  }

  package static func - (later: Self, earlier: Self) -> Self {
    var difference = later
    difference.dropped &-= earlier.dropped
    difference.squeezed &-= earlier.squeezed
    return difference
  }
}
