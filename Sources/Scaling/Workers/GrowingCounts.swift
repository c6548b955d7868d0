/// Counters at one moment, which only grow: those of a later one less those of an earlier one are what
/// came between, and those of several threads add up.
package protocol GrowingCounts {
  init()
  static var fields: [any WritableKeyPath<Self, UInt64> & Sendable] { get }
}

extension GrowingCounts {
  package static func - (later: Self, earlier: Self) -> Self {
    var difference = later
    for field in fields { difference[keyPath: field] &-= earlier[keyPath: field] }
    return difference
  }

  package static func + (left: Self, right: Self) -> Self {
    var sum = left
    for field in fields { sum[keyPath: field] &+= right[keyPath: field] }
    return sum
  }
}

extension Array where Element: GrowingCounts {
  package var total: Element { reduce(Element(), +) }
}
