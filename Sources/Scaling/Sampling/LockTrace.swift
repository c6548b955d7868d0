import CKernel
import KernelIO

/// Listens to the kernel's spinning locks of the whole host, by extended BPF on the raw
/// tracepoints contention_begin and contention_end. Tracing takes time of its own, so what runs
/// meanwhile is no measurement of anything else.
final class LockTrace {
  private var trace: rxtune_contention
  private let symbols: KernelSymbols

  init(_ symbols: KernelSymbols) throws(BenchError) {
    self.symbols = symbols
    var trace = rxtune_contention()
    let code = unsafe rxtune_contention_open(&trace)
    guard code == 0 else {
      throw BenchError("trace lock contention", Errno(rawValue: code), hint: "needs root")
    }
    self.trace = trace
  }

  deinit { unsafe rxtune_contention_close(&trace) }

  /// What was waited since tracing began.
  func read() -> LockWait {
    var wait = LockWait()
    var key = UInt32.max
    var sum = rxtune_contention_sum()
    while unsafe rxtune_contention_next(&trace, &key, &sum) == 0 {
      let stack = unsafe withUnsafeBytes(of: &sum.stack) { bytes in
        unsafe bytes.bindMemory(to: UInt64.self).prefix { $0 != 0 }
          .map { symbols.name(of: $0) ?? "" }
      }
      wait.add(stack, nanoseconds: sum.nanoseconds, count: sum.count)
    }
    return wait
  }
}
