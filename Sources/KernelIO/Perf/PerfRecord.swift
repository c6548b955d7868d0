/// What a CPU was doing at one moment.
package struct PerfSample: Hashable, Sendable {
  /// In user mode; then there are no calls.
  package var isUser: Bool
  /// The process (thread group), and the thread; 0 is the idle task.
  package var process: UInt32
  package var thread: UInt32
  package var cpu: UInt32
  /// Addresses in the kernel, the innermost first: where it was, then return addresses.
  package var calls: [UInt64]

  package init(isUser: Bool, process: UInt32, thread: UInt32, cpu: UInt32, calls: [UInt64]) {
    self.isUser = isUser
    self.process = process
    self.thread = thread
    self.cpu = cpu
    self.calls = calls
  }
}

/// A record of the kernel's ring, as `PerfSampler` asks for them (linux/perf_event.h, enum
/// perf_event_type).
package enum PerfRecord: Hashable, Sendable {
  case sample(PerfSample)
  /// Records that found the ring full.
  case lost(UInt64)
  /// The kernel paused sampling, for it took too much time.
  case throttled
  /// Of a kind that tells nothing here.
  case other

  /// PERF_RECORD_*.
  private enum Kind {
    static let lost: UInt64 = 2
    static let throttle: UInt64 = 5
    static let sample: UInt64 = 9
  }

  /// PERF_RECORD_MISC_CPUMODE_MASK, PERF_RECORD_MISC_USER.
  private static let modeMask: UInt64 = 7
  private static let user: UInt64 = 2

  /// Addresses from here on are markers of what follows: PERF_CONTEXT_MAX.
  private static let firstMarker = UInt64(bitPattern: -4095)

  /// Hands over each record of a run of them, which lie in whole words: a header of type (32 bits),
  /// misc (16) and size in bytes (16).
  ///
  /// - Returns: false where they do not end where a record does, or one makes no sense.
  package static func forEach(in words: ArraySlice<UInt64>, _ body: (PerfRecord) -> Void) -> Bool {
    var rest = words
    while let header = rest.first {
      let size = Int(header >> 48)
      guard size >= 8, size.isMultiple(of: 8), size / 8 <= rest.count,
        let record = PerfRecord(header, rest.prefix(size / 8).dropFirst())
      else { return false }
      body(record)
      rest = rest.dropFirst(size / 8)
    }
    return true
  }

  private init?(_ header: UInt64, _ body: ArraySlice<UInt64>) {
    switch header & 0xffff_ffff {
    case Kind.sample:
      let isUser = header >> 32 & Self.modeMask == Self.user
      guard let sample = PerfSample(isUser: isUser, body, Self.firstMarker) else { return nil }
      self = .sample(sample)
    case Kind.lost:
      // The event, then how many.
      guard let count = body.dropFirst().first else { return nil }
      self = .lost(count)
    case Kind.throttle: self = .throttled
    default: self = .other
    }
  }
}

extension PerfSample {
  /// The instruction, process and thread, CPU, and how many addresses follow.
  fileprivate init?(isUser: Bool, _ body: ArraySlice<UInt64>, _ firstMarker: UInt64) {
    guard body.count >= 4 else { return nil }
    let start = body.startIndex
    let count = body[start + 3]
    let addresses = body.dropFirst(4)
    guard count <= UInt64(addresses.count) else { return nil }
    self.isUser = isUser
    process = UInt32(truncatingIfNeeded: body[start + 1])
    thread = UInt32(truncatingIfNeeded: body[start + 1] >> 32)
    cpu = UInt32(truncatingIfNeeded: body[start + 2])
    calls = isUser ? [] : addresses.prefix(Int(count)).filter { $0 < firstMarker }
    // Where calls cannot be unwound the instruction is all there is.
    if calls.isEmpty && !isUser { calls = [body[start]] }
  }
}
