import Glibc
import Scaling

/// A scale of a chart: values to pixels, and where its ticks are.
struct Axis {
  private let low: Double
  private let high: Double
  private let isLogarithmic: Bool
  private let pixels: (from: Double, to: Double)
  let ticks: [Double]

  /// From 0 to a round number at or above `high`.
  init(upTo high: Double, pixels: (from: Double, to: Double)) {
    let step = Self.roundStep(high > 0 ? high / 5 : 1)
    let count = max(1, Int((high / step - 1e-9).rounded(.up)))
    low = 0
    self.high = step * Double(count)
    isLogarithmic = false
    self.pixels = pixels
    ticks = (0...count).map { Double($0) * step }
  }

  /// Whole numbers side by side, with half a place at both ends.
  init(over numbers: ClosedRange<Double>, ticks: [Double], pixels: (from: Double, to: Double)) {
    let margin = numbers.lowerBound == numbers.upperBound ? 0.5 : 0
    low = numbers.lowerBound - margin
    high = numbers.upperBound + margin
    isLogarithmic = false
    self.pixels = pixels
    self.ticks = ticks
  }

  /// Decades that hold the values; 1, 2 and 5 of each where there are few.
  init(logarithmic values: ClosedRange<Double>, pixels: (from: Double, to: Double)) {
    let first = Int(log10(max(values.lowerBound, 1e-3)).rounded(.down))
    let last = max(first + 1, Int(log10(max(values.upperBound, 1e-3)).rounded(.up)))
    low = pow(10, Double(first))
    high = pow(10, Double(last))
    isLogarithmic = true
    self.pixels = pixels
    let steps = last - first <= 2 ? [1.0, 2, 5] : [1.0]
    let upper = high
    ticks = (first...last).flatMap { decade in steps.map { $0 * pow(10, Double(decade)) } }
      .filter { $0 <= upper * 1.0001 }
  }

  /// 1, 2 or 5 times a power of ten, at or above `value`.
  private static func roundStep(_ value: Double) -> Double {
    let power = pow(10, log10(value).rounded(.down))
    for factor in [1.0, 2, 5, 10] where factor * power >= value * (1 - 1e-9) {
      return factor * power
    }
    return 10 * power
  }

  func callAsFunction(_ value: Double) -> Double {
    let share =
      isLogarithmic
      ? log(max(value, low) / low) / log(high / low) : (value - low) / (high - low)
    return pixels.from + share * (pixels.to - pixels.from)
  }
}
