import CKernel
import Glibc
import KernelIO
import TestSupport
import Testing

@testable import Scaling

@Suite("Causes of CPU time") struct CauseTests {
  /// Names of several kernels' (6.1, 6.12, 6.18, 7.3).
  @Test(
    arguments: [
      ("tcp_sendmsg_locked", .protocols), ("__tcp_transmit_skb", .protocols),
      ("skb_copy_datagram_iter", .protocols), ("sock_poll", .epoll), ("__sys_accept4", .protocols),
      ("udp_sendmsg", .protocols), ("release_sock", .protocols), ("sk_filter_trim_cap", .protocols),
      ("kmem_cache_alloc_node_noprof", .allocation), ("kmem_cache_free", .allocation),
      ("kfree_skbmem", .allocation), ("__alloc_skb", .allocation), ("___slab_alloc", .allocation),
      ("napi_consume_skb", .allocation), ("page_frag_free", .allocation),
      ("rcu_do_batch", .allocation), ("__memcg_slab_post_alloc_hook", .allocation),
      ("skb_release_data", .allocation), ("sk_prot_alloc.isra.0", .allocation),
      ("alloc_fd", .vfs), ("__fput", .vfs), ("sock_alloc_inode", .vfs), ("d_instantiate", .vfs),
      ("task_work_run", .vfs), ("vfs_write", .vfs), ("ep_poll", .epoll), ("do_epoll_wait", .epoll),
      ("__x64_sys_epoll_ctl", .epoll), ("do_epoll_ctl", .epoll),
      ("__x64_sys_close", .entry), ("do_syscall_64", .entry),
      ("entry_SYSCALL_64_after_hwframe", .entry), ("syscall_exit_to_user_mode", .entry),
      ("try_to_wake_up", .scheduling), ("__schedule", .scheduling), ("io_schedule", .scheduling),
      ("sock_def_readable", .scheduling), ("pick_next_task_fair", .scheduling),
      ("process_backlog", .device), ("veth_xmit", .device), ("napi_gro_receive", .device),
      ("__dev_queue_xmit", .device), ("net_rx_action", .device), ("handle_softirqs", .device),
      ("ip_rcv", .ip), ("__ip_queue_xmit", .ip), ("fib_table_lookup", .ip), ("nf_hook_slow", .ip),
      ("rt_dst_alloc", .ip), ("mod_timer", .timers), ("sk_reset_timer", .timers),
      ("__hrtimer_run_queues", .timers), ("io_issue_sqe", .uring), ("io_recv", .uring),
      ("xsk_poll", .bpf), ("veth_xdp_rcv", .bpf), ("bpf_prog_run_generic_xdp", .bpf),
      ("perf_event_task_tick", .tracing), ("bpf_trace_run2", .tracing),
      // Locks, copies and clocks are their caller's.
      ("_raw_spin_lock_bh", nil), ("native_queued_spin_lock_slowpath", nil),
      ("memcpy_orig", .protocols),
      ("rep_movs_alternative", nil), ("_copy_from_user", nil), ("kvm_clock_get_cycles", nil),
      ("read_tsc", nil), ("", nil), ("x", nil),
    ] as [(String, Cause?)])
  func theLongestBeginningDecides(function: String, cause: Cause?) {
    #expect(CauseTable.cause(of: function) == cause)
  }

  // MARK: Stacks

  /// A function every 16 bytes.
  private static let functions = [
    "_raw_spin_unlock_irqrestore", "try_to_wake_up", "sock_def_readable", "tcp_v4_rcv",
    "net_rx_action", "handle_softirqs", "__x64_sys_sendto", "do_syscall_64",
    "pv_native_safe_halt", "do_idle", "unheard_of", "kmem_cache_free", "__x64_sys_close",
    "asm_common_interrupt", "kthread", "bpf_trace_run2",
  ]

  private static func address(_ function: String) -> UInt64 {
    UInt64((functions.firstIndex(of: function) ?? 0) * 16 + 0x1004)
  }

  private static func tally(_ owner: @escaping (UInt32) -> SampleTally.Owner = { _ in .half })
    throws -> SampleTally
  {
    let text = functions.enumerated().map { index, name in
      String(0x1000 + index * 16, radix: 16) + " T \(name)\n"
    }.joined()
    let symbols = try #require(KernelSymbols(parsing: Array(text.utf8)))
    return SampleTally(
      [Breakdown.End(kind: .server, cpus: [0]), Breakdown.End(kind: .load, cpus: [1])], symbols,
      owner: owner)
  }

  private static func sample(
    _ stack: [String], process: UInt32 = 7, cpu: UInt32 = 0, isUser: Bool = false
  ) -> PerfRecord {
    .sample(
      PerfSample(
        isUser: isUser, process: process, thread: process, cpu: cpu, calls: stack.map(address)))
  }

  private static func words(_ end: Breakdown.End) -> [String] {
    end.causes.map { "\($0.of) \($0.samples)" } + end.calls.map { "\($0.of) \($0.samples)" }
  }

  @Test func theInnermostKnownFunctionIsTheCause() throws {
    let tally = try Self.tally()
    tally.add(
      Self.sample(["_raw_spin_unlock_irqrestore", "try_to_wake_up", "sock_def_readable"]))
    tally.add(Self.sample(["kmem_cache_free", "__x64_sys_close", "do_syscall_64"]))
    tally.add(Self.sample([], isUser: true))
    tally.add(Self.sample(["unheard_of"]))
    tally.add(Self.sample(["kmem_cache_free", "bpf_trace_run2", "tcp_v4_rcv"]))
    let end = try #require(tally.result.first)
    #expect(
      Self.words(end) == [
        "allocation 1", "scheduling 1", "tracing 1", "unknown 1", "user 1", "kernel thread 3",
        "close 1", "user 1",
      ])
    #expect(end.unknown.map(\.of) == ["unheard_of"])
    #expect(end.busy == 5 && end.samples == 5)
  }

  @Test func softirqsAreTheRunsWhomeverTheyInterrupt() throws {
    let tally = try Self.tally { _ in .foreign }
    let softirq = ["tcp_v4_rcv", "net_rx_action", "handle_softirqs"]
    tally.add(Self.sample(softirq + ["__x64_sys_sendto", "do_syscall_64"]))
    tally.add(Self.sample(softirq, process: 0))
    tally.add(Self.sample(["__x64_sys_sendto", "do_syscall_64"]))
    let end = try #require(tally.result.first)
    #expect(Self.words(end) == ["protocols 2", "softirq 2"])
    #expect(end.foreign == 1 && end.samples == 3)
  }

  @Test func anIdleCPUIsNotBusyAndItsWorkIs() throws {
    let tally = try Self.tally()
    tally.add(Self.sample(["pv_native_safe_halt", "do_idle"], process: 0))
    tally.add(Self.sample(["try_to_wake_up", "do_idle"], process: 0, cpu: 1))
    // Of a CPU that nobody asked about.
    tally.add(Self.sample(["try_to_wake_up"], cpu: 2))
    let ends = tally.result
    #expect(ends.map(\.idle) == [1, 0])
    #expect(ends.map(Self.words) == [[], ["scheduling 1", "idle loop 1"]])
  }

  @Test func othersAndTheSamplerItselfAreToldApart() throws {
    let tally = try Self.tally { [7: .half, 8: .own, 9: .kernel][$0] ?? .foreign }
    for process in [7, 7, 8, 9, 10, 11] as [UInt32] {
      tally.add(Self.sample(["kmem_cache_free", "kthread"], process: process))
    }
    tally.add(.lost(3))
    tally.add(.throttled)
    tally.add(.other)
    let end = try #require(tally.result.first)
    #expect(end.busy == 3 && end.own == 1 && end.foreign == 2 && end.tasks == 2)
    #expect(tally.lost == 3 && tally.throttled == 1)
  }

  @Test func kernelThreadsAreKnownByTheirFlags() {
    let kernel = ScriptedKernel([
      "/proc/2/stat": "2 (k ) (x) S 0 0 0 0 -1 2129984 0",
      "/proc/3/stat": "3 (sh) S 0 0 0 0 -1 4194560 0", "/proc/4/stat": "4 (sh",
      "/proc/5/stat": "5 (sh) S 0",
    ])
    #expect(
      (2...6).map { RunSampler.isKernelThread($0, kernel) } == [true, false, false, false, false])
  }

  // MARK: Planted work

  /// What this process does on CPU 0 meanwhile, as if it were a half.
  private func breakdown(_ work: @escaping @Sendable () -> Void) throws -> Breakdown.End {
    let symbols = try #require(KernelSymbols(LiveKernel()))
    let own = UInt32(getpid())
    let tally = SampleTally([Breakdown.End(kind: .server, cpus: [0])], symbols) {
      $0 == own ? .half : .foreign
    }
    let sampler = try PerfSampler(cpus: [0], frequency: 997)
    try sampler.start()
    try PinnedThread(cpu: 0, work).join()
    try sampler.stop()
    #expect(sampler.drain(tally.add))
    return try #require(tally.result.first)
  }

  /// CPU time of the calling thread, nanoseconds.
  private static func used() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  private static func work(for nanoseconds: UInt64, _ call: () -> Void) {
    let end = used() + nanoseconds
    while used() < end { for _ in 0..<64 { call() } }
  }

  private static let isPossible =
    geteuid() == 0 && KernelSymbols(LiveKernel()) != nil
    && (try? PerfSampler(cpus: [0], frequency: 97)) != nil

  @Test(.enabled(if: isPossible, "needs root and perf_event_open(2)"))
  func workIsFoundWhereItIs() throws {
    let file = "/tmp/rxtune-cause-test-\(getpid())"
    defer { _ = unsafe unlink(file) }
    let planted: [(Cause, @Sendable () -> Void)] = [
      (
        .vfs,
        {
          let descriptor = unsafe open(file, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
          var byte: UInt8 = 1
          Self.work(for: 150_000_000) { _ = unsafe pwrite(descriptor, &byte, 1, 0) }
          close(descriptor)
        }
      ),
      (
        .epoll,
        {
          // A socket's own poll is no matter of files.
          let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
          let epoll = epoll_create1(0)
          let sockets = (0..<512).map { _ in dup(listener) }
          var wanted = unsafe epoll_event()
          for socket in sockets { _ = unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &wanted) }
          // Nothing is allocated for a change, and each is searched for among many. It takes longer than the
          // others, as a third of it is files again.
          var index = 0
          Self.work(for: 400_000_000) {
            index = (index &* 5 &+ 1) & 511
            _ = unsafe epoll_ctl(epoll, EPOLL_CTL_MOD, sockets[index], &wanted)
          }
          for descriptor in sockets + [listener, epoll] { close(descriptor) }
        }
      ),
      (.scheduling, { Self.work(for: 150_000_000) { sched_yield() } }),
      (
        .allocation,
        {
          // A page fault each.
          Self.work(for: 150_000_000) {
            let page = unsafe mmap(
              nil, 65_536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1,
              0)
            unsafe munmap(page, 65_536)
          }
        }
      ),
    ]
    for (cause, work) in planted {
      let end = try breakdown(work)
      let kernel = end.busy - end.samples([.user])
      #expect(kernel > 20, "\(cause)")
      // Besides the call's own way in and out, nothing has as much of it.
      let others = Cause.allCases.filter { ![cause, .user, .entry].contains($0) }
      #expect(
        others.allSatisfy { end.samples([$0]) < end.samples([cause]) },
        "\(cause): \(end.causes), \(end.unknown)")
    }
  }

  @Test(.enabled(if: isPossible, "needs root and perf_event_open(2)"))
  func userCodeHasTheShareThatWasPlanted() throws {
    for planted in [0.2, 0.7] {
      let end = try breakdown {
        // In turns, so that whatever else the machine does falls on both alike.
        for _ in 0..<40 {
          let start = Self.used()
          while Self.used() < start + UInt64(planted * 12_500_000) {
            for _ in 0..<64 { _ = Self.spin(2000) }
          }
          let middle = Self.used()
          while Self.used() < middle + UInt64((1 - planted) * 12_500_000) {
            for _ in 0..<64 { sched_yield() }
          }
        }
      }
      let (share, error) = try #require(end.share([.user]))
      // The loop around sched_yield is user code, too.
      #expect(share > planted - 4 * error && share < planted + 0.15 + 4 * error, "\(end.causes)")
    }
  }

  @inline(never) private static func spin(_ count: Int) -> UInt64 {
    var value: UInt64 = 1
    for _ in 0..<count { value = value &* 6_364_136_223_846_793_005 &+ 1 }
    return value
  }

  @Test func floorsAreMeasuredInOrder() throws {
    let floors = try Floor.measure(cpu: nil)
    func cost(_ name: String) -> Double { floors.first { $0.name == name }?.nanoseconds ?? 0 }
    #expect(floors.allSatisfy { ($0.nanoseconds ?? 1) > 0 })
    #expect(cost("getppid") > 1)
    // A socket is more than a call that does nothing.
    #expect(cost("socket + close, TCP") > cost("getppid"))
    let alone = floors.first { $0.name == "io_uring NOP, alone" }
    #expect(alone?.nanoseconds != nil || alone?.reason != nil)
  }
}
