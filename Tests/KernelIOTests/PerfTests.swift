import Glibc
import TestSupport
import Testing

@testable import KernelIO

@Suite("Samples of CPUs") struct PerfTests {
  /// A record as the kernel writes it: type, misc, body.
  private static func record(_ type: UInt64, _ misc: UInt64, _ body: [UInt64]) -> [UInt64] {
    [type | misc << 32 | UInt64(8 * (body.count + 1)) << 48] + body
  }

  private static let sample = record(
    9, 1, [0xffff_ffff_8100_0010, 7 | 8 << 32, 3, 3, UInt64(bitPattern: -128), 0xa, 0xb])

  private static func records(_ words: [UInt64]) -> (records: [PerfRecord], isWhole: Bool) {
    var records: [PerfRecord] = []
    let isWhole = PerfRecord.forEach(in: words[...]) { records.append($0) }
    return (records, isWhole)
  }

  @Test func recordsAreReadInOrder() {
    let user = Self.record(9, 2, [0x1000, 7 | 8 << 32, 0, 1, UInt64(bitPattern: -512)])
    let words =
      Self.sample + Self.record(2, 0, [1, 17]) + user + Self.record(5, 0, [1, 2, 3])
      + Self.record(14, 0, [1])
    let (records, isWhole) = Self.records(words)
    #expect(isWhole)
    #expect(
      records == [
        .sample(PerfSample(isUser: false, process: 7, thread: 8, cpu: 3, calls: [0xa, 0xb])),
        .lost(17), .sample(PerfSample(isUser: true, process: 7, thread: 8, cpu: 0, calls: [])),
        .throttled, .other,
      ])
  }

  @Test func withoutCallsTheInstructionIsAllThatIsKnown() {
    let (records, _) = Self.records(Self.record(9, 1, [0xcafe, 1, 0, 0]))
    #expect(
      records == [
        .sample(PerfSample(isUser: false, process: 1, thread: 0, cpu: 0, calls: [0xcafe]))
      ])
  }

  @Test func nothingIsWhole() { #expect(Self.records([]).isWhole) }

  @Test func cutRecordsAreNone() {
    for count in 1..<Self.sample.count {
      let (records, isWhole) = Self.records(Array(Self.sample.prefix(count)))
      #expect(records.isEmpty && !isWhole)
    }
  }

  @Test func lengthsThatLieAreRefused() {
    // More calls than the record has room for, a size of none, one that is no whole word, no body.
    for words in [
      Self.record(9, 1, [1, 2, 3, .max]), [9], [UInt64(9) | 12 << 48, 0], Self.record(9, 1, []),
      Self.record(2, 0, [1]), [.max],
    ] {
      let (records, isWhole) = Self.records(words)
      #expect(records.isEmpty && !isWhole, "\(words)")
    }
  }

  @Test func damagedRecordsDoNotTrap() {
    var random = SplitMix(seed: 1)
    for _ in 0..<20_000 {
      var words = Self.sample + Self.record(2, 0, [1, 17]) + Self.sample
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        words[Int.random(in: words.indices, using: &random)] ^=
          1 << UInt64.random(in: 0..<64, using: &random)
      }
      _ = Self.records(words)
    }
  }

  static let isAvailable = geteuid() == 0 && (try? PerfSampler(cpus: [0], frequency: 97)) != nil

  @Test(.enabled(if: isAvailable, "needs root and perf_event_open(2)"))
  func aBusyThreadIsSeenWhereItIs() throws {
    let count = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    let sampler = try PerfSampler(cpus: Array(0..<count), frequency: 997)
    try sampler.start()
    let start = MonotonicClock.now()
    // In user mode first, then in the kernel.
    while MonotonicClock.now() < start + 200_000_000 {}
    let middle = MonotonicClock.now()
    while MonotonicClock.now() < middle + 200_000_000 { _ = getppid() }
    try sampler.stop()
    var (own, user, kernel, all) = (0, 0, 0, 0)
    let isWhole = sampler.drain { record in
      guard case .sample(let sample) = record else { return }
      all += 1
      #expect(sample.cpu < count)
      guard sample.process == UInt32(getpid()) else { return }
      own += 1
      if sample.isUser { user += 1 } else if !sample.calls.isEmpty { kernel += 1 }
    }
    #expect(isWhole)
    #expect(all > 50 && own > 10 && user > 5 && kernel > 5, "\(all) \(own) \(user) \(kernel)")
  }

  @Test func aCPUThatIsNotThereIsAnErrorThatNamesIt() {
    let error = #expect(throws: KernelError.self) {
      try PerfSampler(cpus: [4094], frequency: 997)
    }
    #expect(error?.description.contains("CPU 4094") == true)
  }
}
