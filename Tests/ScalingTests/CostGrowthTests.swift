import Testing

@testable import Rendering
@testable import Scaling

/// What more workers cost, and where one listener stops, from runs whose figures are known.
@Suite("Costs of workers") struct CostGrowthTests {
  private func results(_ mode: ListenerMode, _ change: (inout RunRecord) -> Void) throws -> Results
  {
    let fixtures = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined()
    var results = try ResultsFile.read(fixtures + "/Fixtures/results.jsonl")
    let first = try #require(results.runs.first)
    results.runs = [1, 4].flatMap { workers in
      (1...4).map { round in
        var run = first
        (run.mode, run.workers, run.round) = (mode, workers, round)
        run.derived.host = RunRecord.HostCost(
          user: 5, system: 20 + Double(round), softirq: 10, steal: 0)
        run.derived.emptyWakeUps = 0
        change(&run)
        return run
      }
    }
    results.locks = []
    return results
  }

  private func sentences(_ results: Results) -> [String] {
    VerdictText.sentences(Verdict(results))
  }

  @Test func whatGrewIsNamed() throws {
    var results = try results(.sharedEpoll) { run in
      guard run.workers == 4 else { return }
      run.derived.host?.system += 30 + 0.1 * Double(run.round)
      run.derived.emptyWakeUps = 2.5 + 0.01 * Double(run.round)
    }
    for (workers, spins) in [(1, UInt64(1_000_000)), (4, 4_000_000)] {
      var wait = LockWait()
      wait.other.nanoseconds = spins
      results.locks.append(
        LockRecord(mode: .sharedEpoll, workers: workers, transactions: 1000, wait: wait))
    }
    let growth = try #require(CostGrowth.all(results).first)
    #expect(growth.fewest == 1 && growth.most == 4 && growth.isSignificant)
    #expect(growth.increases.map(\.part) == [.system, .emptyWakeUps, .lockSpins])
    let sentence = try #require(sentences(results).first { $0.hasPrefix("From 1 to 4 workers") })
    #expect(
      sentence.hasPrefix("From 1 to 4 workers, CPU time per transaction grows: shared-epoll 1.8"))
    #expect(
      sentence.hasSuffix("(system +30.3 µs, 2.52 more empty wake-ups, lock spins +3.0 µs)."))
  }

  @Test func whatDidNotGrowIsNoGrowth() throws {
    let same = try results(.reuseport) { $0.derived.host?.user += Double($0.workers % 3) * 0.01 }
    #expect(
      sentences(same).contains(
        "From 1 to 4 workers, CPU time per transaction: no significant growth."))
    var one = same
    one.runs.removeAll { $0.workers == 4 }
    #expect(CostGrowth.all(one).isEmpty)
  }

  // MARK: The ceiling of one listener

  /// Two workers on two CPUs; each connection finds its sleepers' lock taken that often.
  private func ceiling(_ mode: ListenerMode, found: UInt64) throws -> Results {
    var results = try results(mode) {
      $0.workers = 2
      $0.derived.host = RunRecord.HostCost(user: 10, system: 20, softirq: 20, steal: 0)
    }
    var sleepers = LockSample()
    var queue = LockSample()
    for _ in 0..<10 {
      // 20,000 connections a second.
      sleepers.add(found: found / 10, [1000, 1000], seconds: 0.1)
      queue.add(found: 0, [2000, 2000], seconds: 0.1)
    }
    results.locks = [
      LockRecord(
        mode: mode, workers: 2, transactions: 20_000, wait: LockWait(),
        listener: ListenerLocks(connections: 20_000, locks: [.sleepers: sleepers, .queue: queue]))
    ]
    return results
  }

  /// 200 of 20,000 met 10,000 a second of the other CPU: 1 µs each.
  @Test func aSharedListenerStopsWhereItsLongestLockIsAlwaysHeld() throws {
    let results = try ceiling(.sharedEpoll, found: 200)
    let ceiling = try #require(ListenerCeiling.all(results).first)
    #expect(ceiling.lock == .sleepers && ceiling.found == 200)
    #expect(abs(ceiling.serial.estimate * 1e6 - 1) < 0.01)
    #expect(ceiling.serial.low > 0.8e-6 && ceiling.serial.high < 1.2e-6)
    #expect(abs(ceiling.rate / 1e6 - 1) < 0.01)
    let sentence = try #require(sentences(results).first { $0.hasPrefix("One shared listener") })
    #expect(
      sentence.hasPrefix(
        "One shared listener: shared-epoll is serial for 1.00 µs per connection [0.8"))
    #expect(
      sentence.hasSuffix(
        "(waking workers) and stops near 1.00 M connections/s, about 50 cores of this load, client "
          + "included. SO_REUSEPORT moves that limit."))
  }

  @Test func tooFewWaitsAreNoEstimate() throws {
    let results = try ceiling(.sharedExclusive, found: 0)
    let ceiling = try #require(ListenerCeiling.all(results).first)
    #expect(!ceiling.isTold && ceiling.cores == nil)
    let sentence = try #require(sentences(results).first { $0.hasPrefix("One shared listener") })
    #expect(
      sentence.hasPrefix(
        "One shared listener: shared-exclusive waited too rarely for its locks (0×) to tell where it "
          + "stops, but not below "))
    #expect(!sentence.contains("SO_REUSEPORT"))
  }

  @Test func nothingIsSaidOfListenersThatNobodySharesOrOfOtherWorkloads() throws {
    var results = try ceiling(.sharedEpoll, found: 200)
    results.session?.plan.exchange = Exchange(.rr)
    #expect(ListenerCeiling.all(results).isEmpty)
    #expect(
      ListenerMode.all.filter { $0.sharesListener(.crr) }.map(\.name)
        == ["shared-accept", "shared-epoll", "shared-exclusive"])
  }
}
