/// One lock in a number of short slots of time.
package struct LockSample: Codable, Hashable, Sendable {
  /// By slot: acquisitions that found it taken.
  package var found: [UInt64] = []
  /// By slot: those that are expected for each second that an acquisition holds it (`exposure`).
  package var exposures: [Double] = []
  package var acquisitions = 0.0
  /// The other CPUs that an acquisition can meet; a CPU with half a share of them is half a CPU.
  package var others = 0.0
  /// The lock's first waiter is counted. Native queued spinlocks tell of a second one only: the first
  /// spins on the pending bit (kernel/locking/qspinlock.c).
  package var countsFirst: Bool

  package init(countsFirst: Bool = true) { self.countsFirst = countsFirst }

  /// Acquisitions of CPU i, aᵢ of A, find the lock with another CPU h(A − aᵢ)/T of the time, if each
  /// holds it for h: hΣaᵢ(A − aᵢ)/T of them in a slot of T seconds.
  package static func exposure(_ acquisitions: [Double], seconds: Double) -> Double {
    let all = acquisitions.reduce(0, +)
    return acquisitions.reduce(0) { $0 + $1 * (all - $1) } / seconds
  }

  /// One more slot, with the acquisitions of each CPU.
  package mutating func add(found: UInt64, _ acquisitions: [Double], seconds: Double) {
    let exposure = Self.exposure(acquisitions, seconds: seconds)
    let slot = acquisitions.reduce(0, +)
    self.found.append(found)
    exposures.append(exposure)
    // exposure · T / A² is the chance that two acquisitions are of different CPUs.
    let different = slot > 0 ? exposure * seconds / (slot * slot) : 0
    let effective = different < 1 ? 1 / (1 - different) - 1 : 0
    let sum = self.acquisitions + slot
    if sum > 0 { others = (others * self.acquisitions + effective * slot) / sum }
    self.acquisitions = sum
  }

  package var foundInAll: UInt64 { found.reduce(0, &+) }
}
