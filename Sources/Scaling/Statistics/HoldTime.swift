/// How long a lock is held, told from how often it is found taken.
///
/// An acquisition finds the lock taken with the share of time that other CPUs hold it, ρ = λh, their
/// rate by the time that each holds it: arrivals see averages over time (PASTA: Wolff, Operations
/// Research 30, 1982). The count says so whatever waiting costs; how long waits are does not, for
/// that holds the tracer's own time.
package struct HoldTime: Hashable, Sendable {
  /// Seconds an acquisition, with the confidence asked for.
  package var seconds: Interval
  package var found: UInt64

  /// nil where no CPU can have met another.
  package init?(_ sample: LockSample, confidence: Double = 0.95) {
    let exposure = sample.exposures.reduce(0, +)
    guard exposure > 0, exposure.isFinite, sample.acquisitions > 0,
      sample.exposures.count == sample.found.count
    else { return nil }
    found = sample.foundInAll
    // Waits come in bursts, where a holder loses its CPU: as few as give the spread between slots,
    // by Pearson's χ² (McCullagh & Nelder, Generalized Linear Models, 1989, 4.5).
    let dispersion = Self.dispersion(sample, exposure)
    let count = Interval.poisson(Double(found) / dispersion, confidence: confidence)
    func share(_ count: Double) -> Double { count * dispersion / sample.acquisitions }
    let seen = Interval(share(count.estimate), share(count.low), share(count.high))
    guard let taken = sample.countsFirst ? seen : Self.first(seen, others: sample.others) else {
      return nil
    }
    // Who waits takes no lock meanwhile, so that with two CPUs that hold it for a fixed time
    // λh = ρ / (1 + ρ/2 + …), for an exponential time ρ / (1 + ρ² …): both ends are in the interval.
    func hold(_ share: Double, _ correction: Double) -> Double {
      share / (1 + correction * share) * sample.acquisitions / exposure
    }
    seconds = Interval(hold(taken.estimate, 0.25), hold(taken.low, 0.5), hold(taken.high, 0))
  }

  private static func dispersion(_ sample: LockSample, _ exposure: Double) -> Double {
    let hold = Double(sample.foundInAll) / exposure
    guard hold > 0, sample.found.count > 1 else { return 1 }
    let chiSquare = zip(sample.found, sample.exposures).reduce(0) { sum, slot in
      let expected = hold * slot.1
      guard expected > 0 else { return sum }
      let miss = Double(slot.0) - expected
      return sum + miss * miss / expected
    }
    return max(1, chiSquare / Double(sample.found.count - 1))
  }

  /// The share of acquisitions that find the lock taken, from the share that find a waiter, too: its
  /// square where times of holding are exponential, half of that where they are fixed; of two out of
  /// `others`.
  private static func first(_ second: Interval, others: Double) -> Interval? {
    guard others > 1.5 else { return nil }
    let pairs = others / (others - 1)
    func share(_ value: Double, _ factor: Double) -> Double {
      min(1, (value * pairs * factor).squareRoot())
    }
    return Interval(
      share(second.estimate, 2.0.squareRoot()), share(second.low, 1), share(second.high, 2))
  }
}
