/// What somebody who mistyped a name may have meant.
package enum NearestNames {
  /// Longer words are no slips.
  private static let limit = 64

  /// Up to `count` of `names` that are few slips away from `typed`, the nearest first.
  ///
  /// Names with dots are also compared without what stands before a dot: "rx-usec" is near
  /// "coalesce.rx-usecs".
  package static func of(_ typed: String, in names: [String], count: Int = 3) -> [String] {
    let typed = Array(typed.lowercased())
    guard !typed.isEmpty, typed.count <= limit else { return [] }
    let allowed = Swift.max(1, typed.count / 3)
    let near = names.compactMap { name -> (name: String, distance: Int)? in
      let whole = Array(name.lowercased())
      let tails = whole.indices.filter { whole[$0] == "." }.map { Array(whole[($0 + 1)...]) }
      let distances = ([whole] + tails).map { distance(typed, $0) }
      guard let distance = distances.min(), distance <= allowed else { return nil }
      return (name, distance)
    }
    // Stable: names as near as each other stay in the order they came in.
    return near.enumerated()
      .sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }
      .prefix(count).map(\.element.name)
  }

  /// "; did you mean a, b or c?", or nothing.
  package static func question(_ typed: String, in names: [String]) -> String {
    let near = of(typed, in: names)
    guard let last = near.last else { return "" }
    let others = near.dropLast().joined(separator: ", ")
    return "; did you mean " + (others.isEmpty ? last : "\(others) or \(last)") + "?"
  }

  /// Insertions, deletions, replacements and swaps of neighbours between two words.
  static func distance(_ left: [Character], _ right: [Character]) -> Int {
    var before: [Int] = []
    var last = Array(0...right.count)
    for row in left.indices {
      var now = [row + 1]
      for column in right.indices {
        let replaced = last[column] + (left[row] == right[column] ? 0 : 1)
        var best = Swift.min(replaced, last[column + 1] + 1, now[column] + 1)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          best = Swift.min(best, before[column - 1] + 1)
        }
        now.append(best)
      }
      before = last
      last = now
    }
    return last[right.count]
  }
}
