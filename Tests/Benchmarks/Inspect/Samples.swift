import Scaling

/// Order statistics of a few dozen samples.
struct Samples {
  private let sorted: [Double]

  init(_ values: [Double]) {
    sorted = values.sorted()
  }

  var median: Double {
    guard !sorted.isEmpty else { return .nan }
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2)
      ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  /// "1.23 [1.10–1.40]": the median, and the interquartile range.
  func text(scale: Double = 1) -> String {
    guard !sorted.isEmpty else { return "none" }
    let quarter = sorted.count / 4
    let range = [sorted[quarter], sorted[sorted.count - 1 - quarter]]
    return
      "\(Format.fixed(median * scale, 2)) [\(Format.fixed(range[0] * scale, 2))–\(Format.fixed(range[1] * scale, 2))]"
  }
}
