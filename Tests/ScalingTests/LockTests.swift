import Glibc
import KernelIO
import Testing

@testable import Rendering
@testable import Scaling

@Suite("Waits for locks") struct LockTests {
  @Test func symbolsAreFoundByAnyAddressWithin() throws {
    let text = """
      ffffffff81000000 T first
      ffffffff81000100 t second
      ffffffff81000180 D data
      ffffffffc0000000 t third\t[module]
      not an address
      ffffffff8100018012345 T long
      """
    let symbols = try #require(KernelSymbols(parsing: Array(text.utf8)))
    #expect(symbols.name(of: 0xffff_ffff_8100_0000) == "first")
    #expect(symbols.name(of: 0xffff_ffff_8100_00ff) == "first")
    #expect(symbols.name(of: 0xffff_ffff_8100_0190) == "second")
    #expect(symbols.name(of: .max) == "third")
    #expect(symbols.name(of: 1) == nil)
  }

  @Test func hiddenAddressesAreNoSymbols() {
    #expect(KernelSymbols(parsing: Array("0000000000000000 T first\n".utf8)) == nil)
    #expect(KernelSymbols(parsing: []) == nil)
  }

  /// Stacks as kernels give them, innermost first.
  @Test(
    arguments: [
      (
        ["_raw_spin_lock_bh", "lock_sock_nested", "inet_csk_accept", "inet_accept"],
        \LockWait.accept
      ),
      (["_raw_spin_lock", "inet_csk_reqsk_queue_add", "tcp_get_cookie_sock"], \.queue),
      (
        ["_raw_spin_lock_irqsave", "__wake_up_sync_key", "sock_def_readable", "tcp_child_process"],
        \.wakeUp
      ),
      (
        ["_raw_spin_lock_irqsave", "__wake_up_sync_key", "sock_def_readable", "tcp_data_queue"],
        \.other
      ),
      (["raw_spin_rq_lock_nested", "try_to_wake_up"], \.other), ([], \.other),
    ] as [([String], any KeyPath<LockWait, LockWait.Sum> & Sendable)])
  func stacksTellWhatWasWaitedFor(
    stack: [String], place: any KeyPath<LockWait, LockWait.Sum> & Sendable
  ) {
    var wait = LockWait()
    wait.add(stack, nanoseconds: 100, count: 2)
    #expect(wait[keyPath: place] == LockWait.Sum(nanoseconds: 100, count: 2))
    #expect(wait.total == 100)
    #expect(wait.lost?.count == (stack.isEmpty ? 2 : 0))
  }

  @Test func whatHasNoStackIsTold() {
    var wait = LockWait()
    wait.add([], nanoseconds: 300, count: 1)
    wait.add(["inet_csk_accept"], nanoseconds: 700, count: 1)
    var record = LockRecord(mode: .reuseport, workers: 1, transactions: 1, wait: wait)
    #expect(BenchText.lockLegend([record]).hasSuffix("all locks, up to 30.0 % of it unattributed"))
    record.wait.lost = nil
    #expect(BenchText.lockLegend([record]).hasSuffix("all locks"))
  }

  @Test(.enabled(if: geteuid() == 0, "tracing needs root"))
  func workersThatShareASocketAreSeenToWaitForIt() throws {
    let symbols = try #require(KernelSymbols(LiveKernel()))
    let trace = try LockTrace(symbols, nil)
    let server = try Server(ServerOptions(.sharedAccept, Exchange(.crr), workers: 4))
    let load = LoadOptions(
      Exchange(.crr), targets: ["127.0.0.1:\(server.port)"], connections: 64, threads: 2)
    let (counts, _, _) = try ServingTests.measure(server, load, seconds: 1.5)
    let wait = trace.read()
    #expect(counts.transactions > 1000)
    #expect(wait.total > 0)
    #expect(wait.accept.count + wait.queue.count + wait.wakeUp.count > 0)
    #expect(trace.read().total >= wait.total)
  }
}
