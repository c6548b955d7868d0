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
    return "\(two(median * scale)) [\(two(range[0] * scale))–\(two(range[1] * scale))]"
  }

  private func two(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }
}
