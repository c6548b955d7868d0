import KernelIO
import Netlink

/// Listens to the kernel's spinning locks of the whole host (CKernel/Programs/contention.bpf.c), and
/// to the locks of sockets that begin to listen meanwhile.
/// Tracing takes time of its own, so what runs meanwhile is no measurement of anything else.
final class LockTrace {
  private let session: BPFSession
  private let symbols: KernelSymbols
  /// Listeners are seen.
  private let knowsListeners: Bool

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

  // MARK: The listener of a run

  /// Nanoseconds, as a power of two (SLOT in contention.bpf.c).
  private static let slotShift = 27
  private static let slotSeconds = Double(1 << slotShift) / 1e9
  /// Fewer tell nothing of how counts vary.
  private static let leastSlots = 4

  /// One `struct count`.
  private struct Count {
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

  /// How often the locks of that run's one listener were found taken, in the slots that it filled.
  ///
  /// - Returns: nil where workers do not share one, or where the kernel does not tell.
  func listener(of run: RunRecord, _ workload: Workload) -> ListenerLocks? {
    guard knowsListeners, run.mode.sharesListener(workload), let spinlocks = spinlocks() else {
      return nil
    }
    let accepted = run.server.total.total.accepted
    // Others may listen meanwhile: the run's took as many connections as its workers accepted.
    let added = Dictionary(grouping: counts("added"), by: \.listener)
      .map { (listener: $0.key, counts: $0.value, sum: $0.value.reduce(0) { $0 &+ $1.value }) }
      .min { $0.sum.distance(from: accepted) < $1.sum.distance(from: accepted) }
    guard accepted > 0, let added, added.sum.distance(from: accepted) <= accepted / 10 else {
      return nil
    }
    // The first and the last are not full.
    let slots = Set(added.counts.map(\.slot)).sorted().dropFirst().dropLast()
    guard slots.count >= Self.leastSlots else { return nil }

    let waits = counts("found").filter { $0.listener == added.listener }
    let slept = counts("slept").filter { count in
      guard count.listener == added.listener else { return false }
      let stack = stack(hostBytes(count.of))
      return stack.contains("__lock_sock") && stack.contains { LockWait.accepting.contains($0) }
    }
    func sum(_ counts: [Count], in slot: UInt32) -> UInt64 {
      counts.reduce(0) { $1.slot == slot ? $0 &+ $1.value : $0 }
    }
    func found(_ kind: ListenerLocks.Kind, in slot: UInt32) -> UInt64 {
      sum(waits.filter { $0.of == kind.number }, in: slot)
    }

    let workers = Shares(run)
    // Whoever finds the socket owned sleeps, which no kind of spinlock hides.
    var socket = LockSample()
    var queue = LockSample(countsFirst: spinlocks == .paravirtual)
    var sleepers = queue
    var connections: UInt64 = 0
    for slot in slots {
      var joins: [Int: Double] = [:]
      for count in added.counts where count.slot == slot {
        joins[Int(count.of), default: 0] += Double(count.value)
      }
      let all = joins.values.reduce(0, +)
      connections &+= UInt64(all)
      let takes = workers.accepts.mapValues { $0 * all }
      socket.add(
        found: sum(slept, in: slot), workers.calls.values.map { $0 * all },
        seconds: Self.slotSeconds)
      queue.add(
        found: found(.queue, in: slot),
        Array(joins.merging(takes, uniquingKeysWith: +).values),
        seconds: Self.slotSeconds)
      sleepers.add(
        found: found(.sleepers, in: slot), Array(joins.values), seconds: Self.slotSeconds)
    }
    var locks: [ListenerLocks.Kind: LockSample] = [.socket: socket, .queue: queue]
    if run.mode.wakesEpolls(workload) { locks[.sleepers] = sleepers }
    return ListenerLocks(connections: connections, locks: locks)
  }

  /// By CPU, for each connection: those that its workers accept, and calls of accept(2), the vain ones
  /// included.
  private struct Shares {
    var accepts: [Int: Double] = [:]
    var calls: [Int: Double] = [:]

    init(_ run: RunRecord) {
      let all = Double(max(1, run.server.total.total.accepted))
      for (worker, counts) in run.server.total.enumerated() where !run.serverCPUs.isEmpty {
        let cpu = run.serverCPUs[worker % run.serverCPUs.count]
        accepts[cpu, default: 0] += Double(counts.accepted) / all
        calls[cpu, default: 0] += Double(counts.accepted &+ counts.emptyWakeUps) / all
      }
    }
  }

  /// How this kernel's spinlocks wait.
  private enum Spinlocks {
    /// Under a hypervisor that helps: every waiter is told of (__pv_queued_spin_lock_slowpath).
    case paravirtual
    case native
  }

  /// By the functions that were waited in; nil where nobody waited, or none of them is known: under
  /// other hypervisors a waiter tries again and again, which no tracepoint tells (virt_spin_lock).
  private func spinlocks() -> Spinlocks? {
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

extension ListenerLocks.Kind {
  /// In contention.bpf.c.
  fileprivate var number: UInt32 {
    switch self {
    case .socket: 0
    case .queue: 1
    case .sleepers: 2
    }
  }
}

extension UInt64 {
  fileprivate func distance(from other: UInt64) -> UInt64 {
    self > other ? self - other : other - self
  }
}
