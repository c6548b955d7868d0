import Glibc

/// Gunther's Universal Scalability Law: X(N) = λN / (1 + α(N−1) + βN(N−1)).
///
/// λ is one worker's rate, α the share that must queue for something shared (contention), β what
/// each pair of workers costs each other (coherency). Linear in 1/λ, α/λ and β/λ once divided
/// out: N/X = 1/λ + (α/λ)(N−1) + (β/λ)N(N−1), so the least squares of relative error have one
/// exact solution, with α and β held at 0 or above.
package struct ScalingLaw: Codable, Hashable, Sendable {
  package var lambda: Double
  package var alpha: Double
  package var beta: Double

  package struct Point: Codable, Hashable, Sendable {
    package var workers: Int
    package var rate: Double
    package init(_ workers: Int, _ rate: Double) {
      self.workers = workers
      self.rate = rate
    }
  }

  package init(lambda: Double, alpha: Double, beta: Double) {
    self.lambda = lambda
    self.alpha = alpha
    self.beta = beta
  }

  package func rate(_ workers: Double) -> Double {
    lambda * workers / (1 + alpha * (workers - 1) + beta * workers * (workers - 1))
  }

  /// The number of workers beyond which more is less; nil where the law has no peak.
  package var peak: Double? {
    beta > 0 && alpha < 1 ? ((1 - alpha) / beta).squareRoot() : nil
  }

  /// The law nearest to the points. With three or more numbers of workers all of it; with two
  /// only λ and α (β = 0); nil with fewer.
  package init?(fitting points: [Point]) {
    let points = points.filter { $0.workers > 0 && $0.rate > 0 && $0.rate.isFinite }
    let levels = Set(points.map(\.workers)).count
    guard levels >= 2 else { return nil }
    // Columns of the linear form, each row scaled to relative error.
    let rows = points.map { point -> (columns: [Double], target: Double) in
      let workers = Double(point.workers)
      let scale = point.rate / workers
      return ([scale, (workers - 1) * scale, workers * (workers - 1) * scale], 1)
    }
    // The bounds α, β ≥ 0: the best of the solutions with each of them free or 0.
    let choices = levels >= 3 ? [[0, 1, 2], [0, 1], [0, 2], [0]] : [[0, 1], [0]]
    var best: (error: Double, solution: [Double])?
    for free in choices {
      guard let solution = Self.solve(rows, free),
        solution[0] > 0, solution[1] >= 0, solution[2] >= 0
      else { continue }
      let error = rows.reduce(0) { sum, row in
        let miss = row.target - zip(row.columns, solution).reduce(0) { $0 + $1.0 * $1.1 }
        return sum + miss * miss
      }
      if best.map({ error < $0.error }) ?? true { best = (error, solution) }
    }
    guard let solution = best?.solution else { return nil }
    lambda = 1 / solution[0]
    alpha = solution[1] / solution[0]
    beta = solution[2] / solution[0]
  }

  /// Least squares over the `free` columns by the normal equations; the others are 0.
  private static func solve(_ rows: [(columns: [Double], target: Double)], _ free: [Int])
    -> [Double]?
  {
    let size = free.count
    var matrix = free.map { i in
      free.map { j in rows.reduce(0) { $0 + $1.columns[i] * $1.columns[j] } }
        + [rows.reduce(0) { $0 + $1.columns[i] * $1.target }]
    }
    for column in 0..<size {
      guard
        let pivot = (column..<size).max(by: {
          abs(matrix[$0][column]) < abs(matrix[$1][column])
        }), abs(matrix[pivot][column]) > 1e-12
      else { return nil }
      matrix.swapAt(column, pivot)
      for row in 0..<size where row != column {
        let factor = matrix[row][column] / matrix[column][column]
        for index in column...size { matrix[row][index] -= factor * matrix[column][index] }
      }
    }
    var solution = [0.0, 0.0, 0.0]
    for (index, column) in free.enumerated() {
      solution[column] = matrix[index][size] / matrix[index][index]
    }
    return solution
  }
}

/// A fitted law with bootstrap intervals.
package struct ScalingFit: Codable, Hashable, Sendable {
  package var law: ScalingLaw
  package var alpha: Interval
  package var beta: Interval
  /// nil where less than 95 % of the resamples have a peak: it cannot be told.
  package var peak: Interval?
  /// Different numbers of workers that the fit stands on.
  package var levels: Int

  /// Resamples the runs of each number of workers, with a fixed seed: the same runs give the
  /// same interval. nil where the law cannot be fitted, and where a number of workers has too few
  /// runs to tell how they differ: resampled, one run is itself again, an interval of no width.
  package init?(_ points: [ScalingLaw.Point], resamples: Int = 1000, seed: UInt64 = 1) {
    let groups = Dictionary(grouping: points, by: \.workers)
    guard groups.values.allSatisfy({ $0.count >= Interval.leastSamples }),
      let law = ScalingLaw(fitting: points)
    else { return nil }
    self.law = law
    levels = groups.count
    var generator = SplitMix(seed)
    var alphas: [Double] = []
    var betas: [Double] = []
    var peaks: [Double] = []
    let order = groups.keys.sorted()
    for _ in 0..<resamples {
      var sample: [ScalingLaw.Point] = []
      for workers in order {
        let group = groups[workers] ?? []
        for _ in group { sample.append(group[Int.random(in: 0..<group.count, using: &generator)]) }
      }
      guard let resampled = ScalingLaw(fitting: sample) else { continue }
      alphas.append(resampled.alpha)
      betas.append(resampled.beta)
      if let peak = resampled.peak { peaks.append(peak) }
    }
    alpha = Self.interval(law.alpha, alphas)
    beta = Self.interval(law.beta, betas)
    if let estimate = law.peak, Double(peaks.count) >= 0.95 * Double(resamples) {
      peak = Self.interval(estimate, peaks)
    }
  }

  /// The middle 95 % of the resamples.
  private static func interval(_ estimate: Double, _ samples: [Double]) -> Interval {
    let sorted = samples.sorted()
    guard !sorted.isEmpty else { return Interval(estimate, estimate, estimate) }
    func quantile(_ share: Double) -> Double {
      sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
    }
    return Interval(estimate, min(estimate, quantile(0.025)), max(estimate, quantile(0.975)))
  }
}

/// A small generator of random numbers that can be seeded (Steele, Lea & Flood 2014).
package struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  package init(_ seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
    return word ^ word >> 31
  }
}
