/// Counters at one moment, which only grow: those of a later one less those of an earlier one are what
/// came between, and those of several threads add up.
package protocol GrowingCounts {
  init()
  static var fields: [any WritableKeyPath<Self, UInt64> & Sendable] { get }
  static func + (left: Self, right: Self) -> Self
}

extension GrowingCounts {
  package static func - (later: Self, earlier: Self) -> Self {
    var difference = later
    for field in fields { difference[keyPath: field] &-= earlier[keyPath: field] }
    return difference
  }

  package mutating func add(_ other: Self) {
    for field in Self.fields { self[keyPath: field] &+= other[keyPath: field] }
  }

  package static func + (left: Self, right: Self) -> Self {
    var sum = left
    sum.add(right)
    return sum
  }
}

extension Array where Element: GrowingCounts {
  package var total: Element { reduce(Element(), +) }
}
