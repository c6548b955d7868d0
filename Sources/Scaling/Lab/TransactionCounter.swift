import CKernel
package import KernelIO
import ReceivePath

/// Counts what the kernel does for the transactions of one run in namespaces
/// (CKernel/Programs/counts.bpf.c).
package final class TransactionCounter: RunObserver {
  private let kernel: any Kernel
  private let types: BTF
  private let possibleCPUs: Int
  private var processes: RunProcesses?
  private var session: BPFSession?
  private var counts = TransactionCounts()

  /// Reads the kernel's types; nothing is counted yet.
  package init(_ kernel: any Kernel) throws(BenchError) {
    self.kernel = kernel
    do { types = try kernel.types() } catch {
      throw error.kind == .absent
        ? BenchError(
          "count system calls and allocations: this kernel does not describe its types (no "
            + "/sys/kernel/btf/vmlinux)")
        : Self.error(error)
    }
    possibleCPUs = Host(kernel).cpuRoom
  }

  private static func error(_ error: KernelError) -> BenchError {
    BenchError(
      "count system calls and allocations: \(error)",
      hint: error.kind == .needsPrivilege ? "needs root" : nil)
  }

  /// Starts the programs: that takes longer than transactions may go uncounted.
  package func prepare(_ processes: RunProcesses) throws(BenchError) {
    self.processes = processes
    do throws(KernelError) {
      let session = try BPFSession(
        .counts, types: types,
        options: [
          "server": UInt64(try kernel.networkNamespace(of: "\(processes.server)")),
          "load": UInt64(try kernel.networkNamespace(of: "\(processes.load)")),
        ])
      for tracepoint in ["sys_enter", "kmem_cache_alloc", "kmalloc"] {
        guard try !session.attach(tracepoint).contains(tracepoint) else {
          throw KernelError("attach", "BPF program on \(tracepoint)", .noEntry)
        }
      }
      self.session = session
    } catch { throw Self.error(error) }
  }

  package func observe(until end: UInt64, sleep: (UInt64) -> Bool) throws(BenchError) {
    guard let session, let processes else { return }
    let before = moment(session, processes)
    _ = sleep(end)
    let after = moment(session, processes)
    session.detachAll()
    counts = TransactionCounts(from: before, to: after)
  }

  /// What the run came to that it looked at.
  package func result(_ run: RunRecord) -> TransactionCounts {
    var result = counts
    result.transactions = run.load.counts.measured
    return result
  }

  /// All counters as they stand.
  struct Moment {
    /// The server's by number, then the load's.
    var calls: [UInt64]
    /// kmem_cache_alloc() by end (server, load, kernel, others), then kmalloc().
    var allocations: [UInt64]
    var serverPackets: UInt64?
    var loadPackets: UInt64?
  }

  private func moment(_ session: BPFSession, _ processes: RunProcesses) -> Moment {
    func sent(_ process: Int32) -> UInt64? {
      (try? kernel.text(.proc("\(process)/net/dev"))).flatMap(Self.sent)
    }
    // First: a load that has come to its end soon has no namespace to look into.
    let packets = (server: sent(processes.server), load: sent(processes.load))
    return Moment(
      calls: session.sums(in: "calls", cpus: possibleCPUs),
      allocations: session.sums(in: "allocations", cpus: possibleCPUs),
      serverPackets: packets.server, loadPackets: packets.load)
  }

  static func calls(_ counts: some Sequence<UInt64>) -> [TransactionCounts.Call] {
    counts.enumerated().filter { $0.element > 0 }.map { number, count in
      let name = unsafe rxtune_syscall_name(Int64(number)).map { unsafe String(cString: $0) }
      return TransactionCounts.Call(name: name ?? "system call \(number)", count: count)
    }.sorted { ($1.count, $0.name) < ($0.count, $1.name) }
  }

  /// Of the link: "  rxtune0: 1 2 …", of eight columns received and eight sent (proc_pid_net(5)).
  static func sent(_ table: String) -> UInt64? {
    for line in table.split(separator: "\n") {
      let parts = line.split(separator: ":")
      guard parts.count == 2, parts[0].filter({ $0 != " " }) == BenchLink.name else { continue }
      let numbers = parts[1].split(separator: " ")
      return numbers.count > 9 ? UInt64(numbers[9]) : nil
    }
    return nil
  }
}

extension TransactionCounts {
  init(from before: TransactionCounter.Moment, to after: TransactionCounter.Moment) {
    let calls = zip(after.calls, before.calls).map { $0 &- $1 }
    server.calls = TransactionCounter.calls(calls.prefix(calls.count / 2))
    load.calls = TransactionCounter.calls(calls.suffix(calls.count / 2))
    server.packets = Self.difference(after.serverPackets, before.serverPackets)
    load.packets = Self.difference(after.loadPackets, before.loadPackets)
    let counts = zip(after.allocations, before.allocations).map { $0 &- $1 }
    guard counts.count == 8 else { return }
    func allocations(of end: Int) -> Allocations {
      Allocations(cache: counts[end], sized: counts[end + 4])
    }
    server.allocations = allocations(of: 0)
    load.allocations = allocations(of: 1)
    kernelAllocations = allocations(of: 2)
  }

  private static func difference(_ later: UInt64?, _ earlier: UInt64?) -> UInt64? {
    guard let later, let earlier else { return nil }
    return later &- earlier
  }
}
