import Glibc
import KernelIO
import Knobs
import Synchronization
import Testing

@testable import Scaling

/// A lock's hold time, which is known here, told from how often the lock is found taken.
@Suite("Hold times of locks") struct HoldTimeTests {
  // MARK: Simulated

  private enum Length { case fixed, exponential }

  /// A lock under CPUs that take it again and again; all times in µs.
  private struct Scene: CustomTestStringConvertible, Sendable {
    var cpus: Int
    var hold: Double
    var length: Length
    /// Between two acquisitions, on average: exponential.
    var pause: Double
    var countsFirst = true
    /// CPU 0 takes the lock that much more often than any other.
    var favour = 1.0

    var testDescription: String {
      "\(cpus) CPUs, \(length) hold of \(hold) µs, pause of \(pause) µs"
        + (favour > 1 ? ", one CPU more often" : "") + (countsFirst ? "" : ", first waiter hidden")
    }

    private static let slots = 15

    func sample(_ acquisitions: Int, _ generator: inout SplitMix) -> LockSample {
      func exponential(_ mean: Double) -> Double {
        -mean * log(Double.random(in: 0..<1, using: &generator).nextUp)
      }
      let pauses = (0..<cpus).map { $0 == 0 ? pause / favour : pause }
      let cycle = hold + pauses.reduce(0, +) / Double(cpus)
      let slot = cycle * Double(acquisitions) / Double(cpus * Self.slots)
      var next = pauses.map(exponential)
      /// When those at the lock leave it, in turn.
      var departures: [Double] = []
      var sample = LockSample(countsFirst: countsFirst)
      var (number, found) = (1.0, UInt64(0))
      var counts = [Double](repeating: 0, count: cpus)
      while true {
        let cpu = next.indices.min { next[$0] < next[$1] } ?? 0
        let now = next[cpu]
        if now > number * slot {
          sample.add(found: found, counts, seconds: slot / 1e6)
          if sample.found.count == Self.slots { return sample }
          number += 1
          found = 0
          counts = counts.map { _ in 0 }
          continue
        }
        departures.removeAll { $0 <= now }
        if departures.count >= (countsFirst ? 1 : 2) { found += 1 }
        counts[cpu] += 1
        let end = max(now, departures.last ?? 0) + (length == .fixed ? hold : exponential(hold))
        departures.append(end)
        next[cpu] = end + exponential(pauses[cpu])
      }
    }
  }

  private static let scenes = [
    Scene(cpus: 2, hold: 1, length: .fixed, pause: 60),
    Scene(cpus: 2, hold: 1, length: .exponential, pause: 60),
    Scene(cpus: 2, hold: 1, length: .fixed, pause: 5),
    Scene(cpus: 2, hold: 0.3, length: .fixed, pause: 100),
    Scene(cpus: 4, hold: 1, length: .fixed, pause: 40, favour: 5),
    Scene(cpus: 16, hold: 1, length: .exponential, pause: 200),
    Scene(cpus: 4, hold: 1, length: .fixed, pause: 20, countsFirst: false),
    Scene(cpus: 16, hold: 1, length: .exponential, pause: 100, countsFirst: false),
  ]

  @Test(arguments: scenes)
  private func aKnownHoldTimeIsRecovered(scene: Scene) throws {
    var generator = SplitMix(5)
    var held = 0
    var (sum, width, found) = (0.0, 0.0, 0.0)
    for _ in 0..<100 {
      let time = try #require(HoldTime(scene.sample(3000, &generator)))
      if time.seconds.contains(scene.hold / 1e6) { held += 1 }
      sum += time.seconds.estimate * 1e6 / 100
      width += time.seconds.relativeHalfWidth / 100
      found += Double(time.found) / 100
    }
    print(
      "\(scene.testDescription): within its interval \(held) of 100 times; mean estimate "
        + "\(Format.fixed(sum, 3)) µs, ±\(Format.percent(width, 0)), from \(Format.fixed(found, 0)) waits"
    )
    // With 95 % each, fewer than 90 come by chance once in 90 times: the seed's is none of those.
    #expect(held >= 95)
    if scene.countsFirst { #expect(abs(sum / scene.hold - 1) < 0.08) }
  }

  @Test func nothingIsToldOfALockThatOneCPUTakes() {
    var alone = LockSample()
    alone.add(found: 0, [1000], seconds: 0.1)
    #expect(HoldTime(alone) == nil)
    #expect(HoldTime(LockSample()) == nil)
    // Of two CPUs neither can be the second waiter.
    var pair = LockSample(countsFirst: false)
    pair.add(found: 3, [1000, 1000], seconds: 0.1)
    #expect(HoldTime(pair) == nil)
    #expect(abs(pair.others - 1) < 1e-9)
  }

  /// 100 of 2 × 10,000 a second: 100 = h · 2 · 1,000² / 0.1.
  @Test func countsAreHeldAgainstTheRateOfTheOthers() throws {
    var sample = LockSample()
    sample.add(found: 5, [1000, 1000], seconds: 0.1)
    sample.add(found: 5, [1000, 1000], seconds: 0.1)
    let time = try #require(HoldTime(sample))
    #expect(time.found == 10)
    // 10 / (4 · 10⁷ /s), but for the correction of a thousandth.
    #expect(abs(time.seconds.estimate / 2.5e-7 - 1) < 0.002)
    // Garwood's interval of 10 is 4.795 to 18.39.
    #expect(abs(time.seconds.low / 4.795 * 4e7 - 1) < 0.002)
    #expect(abs(time.seconds.high / 18.39 * 4e7 - 1) < 0.002)
    // The same ten in bursts tell less.
    var burst = LockSample()
    for found: UInt64 in [0, 10] { burst.add(found: found, [1000, 1000], seconds: 0.1) }
    let wide = try #require(HoldTime(burst))
    #expect(wide.seconds.high > 2 * time.seconds.high)
  }
}

/// A lock in user space, under threads that run here and now.
@Suite("A live lock's hold time") struct LiveLockTests {
  private static let mostTrials = 20

  /// Two threads, each on its own CPU: they hold the lock for a time that they measure, and count
  /// themselves how often they find it taken.
  @Test func aLockOfThisProcessIsRecovered() throws {
    let cpus = AllowedCPUs.current(LiveKernel()).cpus
    let bench = LockBench()
    // On a busy machine both seldom run at once.
    for _ in 0..<10 where bench.trials.count < Self.mostTrials {
      let start = MonotonicClock.now() &+ 20_000_000
      let threads = try (0..<2).map { thread in
        try PinnedThread(cpu: cpus[thread % cpus.count]) { bench.run(thread, from: start) }
      }
      for thread in threads { thread.join() }
      bench.endRound()
    }
    let trials = bench.trials.prefix(Self.mostTrials)
    let held = trials.count { HoldTime($0.sample)?.seconds.contains($0.hold) == true }
    let sum = trials.reduce(0) { $0 + $1.hold }
    let found = trials.reduce(0) { $0 + $1.sample.foundInAll }
    print(
      "a live lock, held \(Format.fixed(sum / Double(max(1, trials.count)) * 1e6, 2)) µs: within its "
        + "interval \(held) of \(trials.count) times, from \(found) waits")
    #expect(held >= Self.least(of: trials.count))
  }

  /// The fewest of so many trials, each of which succeeds with 95 %, that come by chance more often
  /// than once in ten thousand times.
  static func least(of trials: Int) -> Int {
    var (term, below) = (pow(0.05, Double(trials)), 0.0)
    for count in 0..<max(1, trials) {
      below += term
      if below > 1e-4 { return count }
      term *= Double(trials - count) / Double(count + 1) * 19
    }
    return trials
  }

  @Test func theFewestThatChanceAllows() {
    // P(X ≤ 13) of 20 is 3.3 · 10⁻⁵, P(X ≤ 14) is 3.3 · 10⁻⁴.
    #expect(Self.least(of: 20) == 14)
    #expect(Self.least(of: 0) == 0)
  }
}

/// Counts of two threads in short slots; where either of them lost its CPU the slot is void.
private final class LockBench: Sendable {
  private static let slotLength: UInt64 = 250_000
  private static let slotsPerRound = 4000
  private static let slotsPerTrial = 200
  private static let hold: UInt64 = 5_000
  private static let pause = 80_000.0
  /// Between two looks at the clock; a thread that runs takes far less.
  private static let gap: UInt64 = 50_000

  private struct Slot {
    var acquisitions = 0.0
    var found: UInt64 = 0
    /// Nanoseconds.
    var held: UInt64 = 0
    var isVoid = false
  }

  private let isTaken = Atomic(false)
  /// Of this round, by thread.
  private let threads = Mutex<[[Slot]]>([])
  /// Of all rounds, those of both threads that are not void.
  private let whole = Mutex<[[Slot]]>([])

  func run(_ thread: Int, from start: UInt64) {
    var slots = [Slot](repeating: Slot(), count: Self.slotsPerRound)
    var generator = SplitMix(start &+ UInt64(thread))
    let end = start + Self.slotLength * UInt64(Self.slotsPerRound)
    func slot(_ time: UInt64) -> Int {
      min(Self.slotsPerRound - 1, Int((max(time, start) - start) / Self.slotLength))
    }
    var last = start
    func look() -> UInt64 {
      let now = max(last, MonotonicClock.now())
      if now - last > Self.gap {
        for index in slot(last)...slot(now) { slots[index].isVoid = true }
      }
      last = now
      return now
    }
    while MonotonicClock.now() < start {}
    while last < end {
      let share = Double.random(in: 0..<1, using: &generator).nextUp
      let ready = last + UInt64(-Self.pause * log(share))
      while look() < ready {}
      let here = slot(last)
      slots[here].acquisitions += 1
      if isTaken.exchange(true, ordering: .acquiring) {
        slots[here].found += 1
        while isTaken.exchange(true, ordering: .acquiring) { _ = look() }
      }
      let began = look()
      var now = began
      while now < began + Self.hold { now = look() }
      isTaken.store(false, ordering: .releasing)
      slots[here].held += now - began
    }
    threads.withLock { $0.append(slots) }
  }

  func endRound() {
    let round = threads.withLock { threads in
      defer { threads = [] }
      return (0..<Self.slotsPerRound).map { index in threads.map { $0[index] } }
    }
    // The last slot holds what came after the end.
    whole.withLock { whole in
      whole += round.dropLast().filter { slots in slots.allSatisfy { !$0.isVoid } }
    }
  }

  /// What was counted in some slots each, beside the seconds that the lock was held in them.
  var trials: [(sample: LockSample, hold: Double)] {
    whole.withLock { whole in
      (0..<whole.count / Self.slotsPerTrial).map { trial in
        var sample = LockSample()
        var held: UInt64 = 0
        for slots in whole[(trial * Self.slotsPerTrial)...].prefix(Self.slotsPerTrial) {
          sample.add(
            found: slots.reduce(0) { $0 + $1.found }, slots.map(\.acquisitions),
            seconds: Double(Self.slotLength) / 1e9)
          held += slots.reduce(0) { $0 + $1.held }
        }
        return (sample, Double(held) / 1e9 / max(1, sample.acquisitions))
      }
    }
  }
}
