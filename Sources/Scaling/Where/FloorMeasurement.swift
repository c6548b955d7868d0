import CKernel
import Glibc
import KernelIO

extension Floor {
  /// A call, repeated; false where it fails.
  private typealias Operation = () -> Bool

  private static let rounds = 9
  /// A round of about a millisecond.
  private static let roundLength: UInt64 = 1_000_000

  /// All of them, on that CPU. Half a second at most.
  package static func measure(cpu: Int?) throws(BenchError) -> [Floor] {
    let collected = Collected()
    // Its thread runs alone: it is waited for at once.
    try PinnedThread(cpu: cpu) { collected.floors = plain() + uring() }.join()
    return collected.floors
  }

  private final class Collected: @unchecked Sendable {
    var floors: [Floor] = []
  }

  private static func plain() -> [Floor] {
    let event = eventfd(0, Int32(EFD_CLOEXEC))
    let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    defer {
      if event >= 0 { close(event) }
      if epoll >= 0 { close(epoll) }
    }
    var nothing = unsafe epoll_event()
    func opened(_ descriptor: Int32) -> Bool { descriptor >= 0 && close(descriptor) == 0 }
    func socket(_ family: Int32, _ type: __socket_type) -> Operation {
      { opened(Glibc.socket(family, Int32(type.rawValue | SOCK_CLOEXEC.rawValue), 0)) }
    }
    let operations: [(String, Operation)] = [
      ("getppid", { getppid() >= 0 }),
      ("eventfd write", { eventfd_write(event, 1) == 0 }),
      ("epoll_wait, nothing ready", { unsafe epoll_wait(epoll, &nothing, 1, 0) == 0 }),
      ("dup + close", { opened(dup(event)) }),
      ("eventfd + close", { opened(eventfd(0, Int32(EFD_CLOEXEC))) }),
      ("socket + close, UNIX", socket(AF_UNIX, SOCK_STREAM)),
      ("socket + close, UDP", socket(AF_INET, SOCK_DGRAM)),
      ("socket + close, TCP", socket(AF_INET, SOCK_STREAM)),
    ]
    return operations.map { measure($0.0, $0.1) }
  }

  private static let batch: UInt32 = 32

  private static func uring() -> [Floor] {
    let names = [(UInt32(1), "io_uring NOP, alone"), (batch, "io_uring NOP, of a batch of 32")]
    var ring = unsafe rxtune_uring()
    var code = unsafe rxtune_uring_open(&ring, batch)
    if code == 0 {
      code = unsafe rxtune_uring_enable(&ring)
      if code != 0 { unsafe rxtune_uring_close(&ring) }
    }
    guard code == 0 else {
      return names.map { Floor(name: $0.1, reason: Errno(rawValue: code).explained) }
    }
    defer { unsafe rxtune_uring_close(&ring) }
    return names.map { count, name in
      measure(name, each: Double(count)) {
        for _ in 0..<count {
          guard let entry = unsafe rxtune_uring_entry(&ring) else { return false }
          unsafe entry.pointee.opcode = UInt8(IORING_OP_NOP.rawValue)
        }
        guard unsafe rxtune_uring_submit(&ring, count) == Int32(count) else { return false }
        while unsafe rxtune_uring_peek(&ring) != nil { unsafe rxtune_uring_take(&ring) }
        return true
      }
    }
  }

  private static func measure(
    _ name: String, each count: Double = 1, _ operation: Operation
  ) -> Floor {
    guard operation() else { return Floor(name: name, reason: Errno(rawValue: errno).explained) }
    // As many as make a round.
    var repeats = 16
    while time(repeats, operation) < roundLength, repeats < 1 << 20 { repeats *= 2 }
    var samples = (0..<rounds).map { _ in Double(time(repeats, operation)) }
    samples.sort()
    return Floor(name: name, nanoseconds: samples[rounds / 2] / Double(repeats) / count)
  }

  private static func time(_ repeats: Int, _ operation: Operation) -> UInt64 {
    let start = MonotonicClock.now()
    for _ in 0..<repeats { _ = operation() }
    return MonotonicClock.now() &- start
  }
}
