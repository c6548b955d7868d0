import KernelIO
import Netlink

/// Listens to the kernel's spinning locks of the whole host (CKernel/Programs/contention.bpf.c).
/// Tracing takes time of its own, so what runs meanwhile is no measurement of anything else.
final class LockTrace {
  private let session: BPFSession
  private let symbols: KernelSymbols

  init(_ symbols: KernelSymbols) throws(BenchError) {
    self.symbols = symbols
    do {
      session = try BPFSession(.contention)
      // A wait whose begin was missed is no wait.
      for tracepoint in ["contention_end", "contention_begin"] {
        guard try session.attach(tracepoint).isEmpty else {
          throw KernelError("attach", "BPF program on \(tracepoint)", .noEntry)
        }
      }
    } catch {
      let errno = (error as? KernelError)?.errno ?? .invalid
      throw BenchError("trace lock contention", errno, hint: "needs root")
    }
  }

  /// What was waited since tracing began.
  func read() -> LockWait {
    var wait = LockWait()
    for (number, sum) in session.entries(in: "sums") {
      // None where the stack was lost; 0 after the last.
      let bytes = session.value(of: number, in: "stacks") ?? []
      let stack = stride(from: 0, to: bytes.count, by: 8)
        .map { hostInteger(bytes[$0...].prefix(8), as: UInt64.self) }.prefix { $0 != 0 }
        .map { symbols.name(of: $0) ?? "" }
      wait.add(
        stack, nanoseconds: hostInteger(sum.prefix(8)), count: hostInteger(sum.suffix(8)))
    }
    return wait
  }
}
