extension Collection<Double> {
  /// How uneven amounts are: the largest against the mean. 1 is even, `count` is all on one.
  ///
  /// nil for fewer than two, or where all are 0: nothing to compare.
  package var skew: Double? {
    let sum = reduce(0, +)
    guard count > 1, sum > 0, let largest = self.max() else { return nil }
    return largest * Double(count) / sum
  }
}
