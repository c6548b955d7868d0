package import KernelIO

/// Sorts samples by end, and each end's by cause and by call.
package final class SampleTally {
  package enum Owner: Sendable {
    /// One of the two halves.
    case half
    /// This process.
    case own
    /// A thread of the kernel's: what it does is for the run, as far as anyone can tell.
    case kernel
    case foreign
  }

  /// What a function of a stack says, whoever calls it.
  private struct Frame {
    var name: String
    var cause: Cause?
    var isSoftirq = false
    /// Where an idle CPU waits.
    var isIdle = false
    /// "close" of __x64_sys_close.
    var call: String?
    /// Where the kernel was entered, whatever for.
    var isEntry = false
  }

  private struct End {
    var end: Breakdown.End
    var causes: [Cause: UInt64] = [:]
    var calls: [String: UInt64] = [:]
    var unknown: [String: UInt64] = [:]
  }

  private var ends: [End]
  private var endOfCPU: [UInt32: Int] = [:]
  private let symbols: KernelSymbols
  private let owner: (UInt32) -> Owner
  private var owners: [UInt32: Owner] = [:]
  private var frames: [UInt64: Frame] = [:]
  private(set) var lost: UInt64 = 0
  private(set) var throttled: UInt64 = 0

  /// - Parameter owner: whose a process is; asked once for each.
  package init(
    _ ends: [Breakdown.End], _ symbols: KernelSymbols, owner: @escaping (UInt32) -> Owner
  ) {
    self.ends = ends.map { End(end: $0) }
    self.symbols = symbols
    self.owner = owner
    for (index, end) in ends.enumerated() {
      for cpu in end.cpus { endOfCPU[UInt32(clamping: cpu)] = index }
    }
  }

  package func add(_ record: PerfRecord) {
    switch record {
    case .sample(let sample):
      if let end = endOfCPU[sample.cpu] { add(sample, to: &ends[end]) }
    case .lost(let count): lost &+= count
    case .throttled: throttled &+= 1
    case .other: break
    }
  }

  private func add(_ sample: PerfSample, to end: inout End) {
    end.end.samples &+= 1
    let stack = sample.calls.map(frame)
    let isSoftirq = stack.contains(where: \.isSoftirq)
    let owner = owner(of: sample.process)
    if owner == .half { end.end.tasks = (end.end.tasks ?? 0) &+ 1 }
    // Softirqs interrupt whoever runs, and are the run's in any case.
    if !isSoftirq {
      switch owner {
      case .own: return end.end.own &+= 1
      case .foreign: return end.end.foreign &+= 1
      case .kernel:
        if sample.process == 0, stack.prefix(3).contains(where: \.isIdle) {
          return end.end.idle &+= 1
        }
      case .half: break
      }
    }
    let cause = Self.cause(sample, stack)
    end.causes[cause, default: 0] &+= 1
    if cause == .unknown { end.unknown[stack.first?.name ?? "?", default: 0] &+= 1 }
    end.calls[Self.call(sample, stack, isSoftirq), default: 0] &+= 1
  }

  private static func cause(_ sample: PerfSample, _ stack: [Frame]) -> Cause {
    if sample.isUser { return .user }
    // Whatever a tracepoint calls, BPF programs and their allocations, is for tracing.
    if stack.contains(where: { $0.cause == .tracing }) { return .tracing }
    return stack.lazy.compactMap(\.cause).first ?? .unknown
  }

  private static func call(_ sample: PerfSample, _ stack: [Frame], _ isSoftirq: Bool) -> String {
    if sample.isUser { return "user" }
    if isSoftirq { return "softirq" }
    if let call = stack.lazy.compactMap(\.call).first { return call }
    if sample.process == 0 { return "idle loop" }
    return stack.contains(where: \.isEntry) ? "entry" : "kernel thread"
  }

  private func owner(of process: UInt32) -> Owner {
    if let known = owners[process] { return known }
    let found = process == 0 ? .kernel : owner(process)
    owners[process] = found
    return found
  }

  // MARK: Functions

  private static let softirqs: Set<String> = [
    "handle_softirqs", "__do_softirq", "do_softirq", "__softirqentry_text_start", "net_rx_action",
    "run_ksoftirqd",
  ]

  private static let idle = [
    "default_idle", "pv_native_safe_halt", "native_safe_halt", "acpi_safe_halt", "acpi_idle",
    "arch_cpu_idle", "mwait_idle", "intel_idle", "poll_idle", "cpu_do_idle", "cpu_idle_poll",
    "haltpoll", "cpuidle_enter", "kvm_guest_halt", "__cpuidle_text_start", "tdx_halt",
  ]

  private static let calls = ["__x64_sys_", "__arm64_sys_", "__riscv_sys_", "__s390x_sys_"]

  private static let entries = ["do_syscall", "entry_SYSCALL", "asm_", "el0", "do_el0", "syscall_"]

  private func frame(at address: UInt64) -> Frame {
    if let known = frames[address] { return known }
    let found = Self.frame(of: symbols.name(of: address))
    // Functions are some thousand; a kernel whose addresses make no sense is no reason to grow.
    if frames.count < 1 << 17 { frames[address] = found }
    return found
  }

  private static func frame(of name: String?) -> Frame {
    guard let name else { return Frame(name: "?") }
    var frame = Frame(name: name, cause: CauseTable.cause(of: name))
    frame.isSoftirq = softirqs.contains(name)
    frame.isIdle = idle.contains { name.hasPrefix($0) }
    frame.isEntry = entries.contains { name.hasPrefix($0) }
    frame.call = calls.first { name.hasPrefix($0) }.map { String(name.dropFirst($0.count)) }
    return frame
  }

  // MARK: What came of it

  package var result: [Breakdown.End] {
    ends.map { end in
      var result = end.end
      result.causes = Self.sorted(end.causes, by: \.rawValue)
      result.calls = Self.sorted(end.calls, by: \.self)
      result.unknown = Array(Self.sorted(end.unknown, by: \.self).prefix(Self.mostUnknown))
      return result
    }
  }

  private static let mostUnknown = 8

  private static func sorted<Key: Codable & Hashable & Sendable>(
    _ counts: [Key: UInt64], by name: (Key) -> String
  ) -> [Breakdown.Share<Key>] {
    counts.map { Breakdown.Share(of: $0.key, samples: $0.value) }
      .sorted { ($1.samples, name($0.of)) < ($0.samples, name($1.of)) }
  }
}
