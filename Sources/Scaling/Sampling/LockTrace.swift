import KernelIO
import Netlink

/// Listens to the kernel's spinning locks of the whole host (CKernel/Programs/contention.bpf.c), and
/// to the locks of sockets that begin to listen meanwhile.
/// Tracing takes time of its own, so what runs meanwhile is no measurement of anything else.
final class LockTrace {
  private let session: BPFSession
  private let symbols: KernelSymbols
  /// Listeners are seen.
  let knowsListeners: Bool

  /// - Parameter types: of this kernel; without them nothing is known of listeners.
  init(_ symbols: KernelSymbols, _ types: BTF?) throws(BenchError) {
    self.symbols = symbols
    do {
      session = try BPFSession(.contention, types: types)
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
    let session = session
    knowsListeners =
      types != nil
      && ["inet_sock_set_state", "sched_switch"].allSatisfy {
        (try? session.attach($0))?.isEmpty == true
      }
  }

  /// What was waited since tracing began.
  func read() -> LockWait {
    var wait = LockWait()
    for (number, sum) in session.entries(in: "sums") {
      wait.add(
        stack(number), nanoseconds: hostInteger(sum.prefix(8)), count: hostInteger(sum.suffix(8)))
    }
    return wait
  }

  /// The functions of a stack, innermost first; none where it was lost.
  private func stack(_ number: [UInt8]) -> [String] {
    let bytes = session.value(of: number, in: "stacks") ?? []
    // 0 after the last.
    return stride(from: 0, to: bytes.count, by: 8)
      .map { hostInteger(bytes[$0...].prefix(8), as: UInt64.self) }.prefix { $0 != 0 }
      .map { symbols.name(of: $0) ?? "" }
  }

  // MARK: Listeners

  /// Seconds of a slot: 2^27 ns (SLOT in contention.bpf.c).
  static let slotSeconds = Double(1 << 27) / 1e9

  /// One `struct count`.
  struct Count {
    /// An address that tells it from others.
    var listener: UInt64
    /// A kind of lock, a CPU, or a stack's number.
    var of: UInt32
    var slot: UInt32
    var value: UInt64
  }

  private func counts(_ map: String) -> [Count] {
    session.entries(in: map).map { key, value in
      Count(
        listener: hostInteger(key.prefix(8)), of: hostInteger(key[8...].prefix(4)),
        slot: hostInteger(key.suffix(4)), value: hostInteger(value.prefix(8)))
    }
  }

  /// Connections that joined a listener's accept queue, by CPU.
  func joined() -> [Count] { counts("added") }

  /// Acquisitions that found a lock of a listener's taken, by kind of lock (0 the socket's, 1 its
  /// queue's, 2 its sleepers').
  func found() -> [Count] { counts("found") }

  /// Calls of accept(2) that slept as they found the socket owned.
  func slept() -> [Count] {
    counts("slept").filter { count in
      let stack = stack(hostBytes(count.of))
      return stack.contains("__lock_sock") && stack.contains { LockWait.accepting.contains($0) }
    }
  }

  /// How a kernel's spinlocks wait.
  enum Spinlocks {
    /// Under a hypervisor that helps: every waiter is told of (__pv_queued_spin_lock_slowpath).
    case paravirtual
    /// The first waiter is not: it spins on the pending bit.
    case native
  }

  /// By the functions that were waited in; nil where nobody waited, or none of them is known: under
  /// other hypervisors a waiter tries again and again, which no tracepoint tells (virt_spin_lock).
  func spinlocks() -> Spinlocks? {
    var hasNative = false
    for (number, _) in session.entries(in: "sums") {
      for name in stack(number) {
        if name.hasSuffix("pv_queued_spin_lock_slowpath") { return .paravirtual }
        if name.hasSuffix("queued_spin_lock_slowpath") { hasNative = true }
      }
    }
    return hasNative ? .native : nil
  }
}
