import Glibc
import KernelIO
import ReceivePath

/// Samples the CPUs of a run, from outside of its processes.
final class RunSampler: RunObserver {
  private let kernel: any Kernel
  private let symbols: KernelSymbols
  private let ends: [Breakdown.End]
  private let sampler: PerfSampler
  private(set) var tally: SampleTally?
  /// All records made sense.
  private(set) var isWhole = true
  /// How long samples were taken.
  private(set) var seconds = 0.0

  /// Samples a second of each CPU.
  let frequency: UInt64
  /// A prime: no timer of the run's keeps step with it.
  private static let wantedFrequency: UInt64 = 1999
  /// How often records are fetched; the ring holds half a second of them.
  private static let interval: UInt64 = 100_000_000

  init(_ plan: SweepPlan, _ kernel: any Kernel) throws(BenchError) {
    self.kernel = kernel
    guard let symbols = KernelSymbols(kernel) else {
      let restriction = (try? kernel.sysctl("kernel.kptr_restrict")) ?? "unknown"
      throw BenchError(
        "/proc/kallsyms hides where the kernel's functions are "
          + "(kernel.kptr_restrict is \(restriction))",
        hint: restriction == "2" ? "set it to 1 for the time of the measurement" : "needs root")
    }
    self.symbols = symbols
    // The kernel lowers it where samples took long, as under emulation.
    let limit = (try? kernel.sysctl("kernel.perf_event_max_sample_rate")).flatMap { UInt64($0) }
    frequency = min(Self.wantedFrequency, max(1, limit ?? .max))
    let (server, load) = (Set(plan.serverCPUs), Set(plan.clientCPUs))
    ends =
      server.isDisjoint(with: load)
      ? [
        Breakdown.End(kind: .server, cpus: plan.serverCPUs),
        Breakdown.End(kind: .load, cpus: plan.clientCPUs),
      ] : [Breakdown.End(kind: .both, cpus: server.union(load).sorted())]
    do {
      sampler = try PerfSampler(cpus: ends.flatMap(\.cpus), frequency: frequency)
    } catch { throw Self.error(error, kernel) }
  }

  static func error(_ error: KernelError, _ kernel: some Kernel) -> BenchError {
    let hint: String? =
      switch error.kind {
      case .needsPrivilege:
        (BPFPrivilege.missing(kernel) ?? []).contains(.performanceMonitoring)
          ? "needs root, or CAP_PERFMON (kernel.perf_event_paranoid is "
            + "\((try? kernel.sysctl("kernel.perf_event_paranoid")) ?? "unknown"))"
          : "check kernel lockdown: cat /sys/kernel/security/lockdown"
      case .notSupported, .absent: "this kernel has no perf events (CONFIG_PERF_EVENTS)"
      default: nil
      }
    return BenchError("sample the CPUs: \(error)", hint: hint)
  }

  func prepare(_ processes: RunProcesses) {
    let halves = [processes.server, processes.load].map { UInt32(bitPattern: $0) }
    let (own, kernel) = (UInt32(bitPattern: getpid()), kernel)
    tally = SampleTally(ends, symbols) { process in
      if halves.contains(process) { return .half }
      if process == own { return .own }
      return Self.isKernelThread(process, kernel) ? .kernel : .foreign
    }
  }

  /// By PF_KTHREAD among its flags, the ninth field of /proc/PID/stat (proc_pid_stat(5)); one that
  /// has ended is none.
  static func isKernelThread(_ process: UInt32, _ kernel: some Kernel) -> Bool {
    guard let stat = try? kernel.text(.proc("\(process)/stat")) else { return false }
    let fields = ProcessStat.fields(behindName: stat)
    guard fields.count > 6, let flags = UInt32(fields[6]) else { return false }
    return flags & 0x0020_0000 != 0
  }

  func observe(until end: UInt64, sleep: (UInt64) -> Bool) throws(BenchError) {
    do throws(KernelError) {
      try sampler.start()
      let start = MonotonicClock.now()
      while sleep(min(end, MonotonicClock.now() &+ Self.interval)), MonotonicClock.now() < end {
        drain()
      }
      try sampler.stop()
      seconds = Double(MonotonicClock.now() &- start) / 1e9
    } catch { throw Self.error(error, kernel) }
    drain()
  }

  private func drain() {
    guard let tally else { return }
    if !sampler.drain(tally.add) { isWhole = false }
  }
}
